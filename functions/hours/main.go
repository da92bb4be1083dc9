// Command hours is the Lambda function that lets a Dagster installation sleep outside of its hours. Called once a minute,
// it does the next step: in the evening it takes the services away, waits for the runs under way and stops the database;
// in the morning it starts the database and then the services. What it stands at is kept in a parameter of Systems Manager,
// so that a call that was lost or came twice does no harm. While the installation is awake it touches nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func main() {
	wanted, err := read(os.Getenv)
	if err != nil {
		fail("read the settings", err)
	}
	loaded, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fail("load the configuration of AWS", err)
	}
	h := hours{
		settings: wanted, tasks: ecs.NewFromConfig(loaded), databases: rds.NewFromConfig(loaded), parameters: ssm.NewFromConfig(loaded),
		now: time.Now, out: os.Stdout,
	}
	lambda.Start(h.look)
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}
