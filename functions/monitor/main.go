// Command monitor is the Lambda function that looks at a Dagster installation from outside, once a minute: it asks the
// webserver's GraphQL for what the logs do not tell, and writes, reads and deletes an object of the bucket. It prints one
// line, from which CloudWatch makes the metrics. It needs neither the database nor Dagster's code.
//
// It never fails by what it finds: what cannot be asked is a metric too.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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
	m := monitor{
		namespace: wanted.namespace,
		dagster:   newClient(wanted.url, wanted.host),
		bucket:    probe{objects: s3.NewFromConfig(loaded), bucket: wanted.bucket, key: wanted.prefix + "/probe"},
		patience:  wanted.patience,
		now:       time.Now,
		out:       os.Stdout,
	}
	lambda.Start(m.look)
}

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	os.Exit(1)
}

// settings are what the function is told by its environment.
type settings struct {
	// namespace is the metrics' namespace in CloudWatch.
	namespace string
	// url is where the webserver answers, without a slash at its end; host the name that its certificate is for, empty
	// for that of the URL.
	url, host string
	// bucket is the bucket, prefix where the function's object lies in it.
	bucket, prefix string
	// patience is the age at which a backfill without a run under way counts as stuck.
	patience time.Duration
}

// read reads the settings, and names every one that is missing.
func read(variable func(string) string) (settings, error) {
	s := settings{host: variable("DAGSTER_HOST")}
	var missing []string
	var patience string
	for _, each := range []struct {
		name string
		into *string
	}{
		{"NAMESPACE", &s.namespace}, {"DAGSTER_URL", &s.url}, {"BUCKET", &s.bucket}, {"PREFIX", &s.prefix},
		{"BACKFILL_PATIENCE", &patience},
	} {
		if *each.into = variable(each.name); *each.into == "" {
			missing = append(missing, each.name)
		}
	}
	if len(missing) > 0 {
		return settings{}, fmt.Errorf("without %q in the environment", missing)
	}
	var err error
	if s.patience, err = time.ParseDuration(patience); err != nil {
		return settings{}, fmt.Errorf("read BACKFILL_PATIENCE: %w", err)
	}
	return s, nil
}
