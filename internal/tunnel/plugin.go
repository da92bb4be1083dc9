package tunnel

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/session-manager-plugin/src/sessionmanagerplugin/session"
	// the sessions that forward a port
	_ "github.com/aws/session-manager-plugin/src/sessionmanagerplugin/session/portsession"

	"dagster-ecs/internal/awsapi"
)

// The variables that make a process of this program AWS's plugin, or the keeper of a task.
const (
	regionVariable  = "DAGSTER_TUNNEL_REGION"
	clusterVariable = "DAGSTER_TUNNEL_CLUSTER"
	taskVariable    = "DAGSTER_TUNNEL_TASK"
)

// stopPatience is how long the task's stop may take to be asked for.
const stopPatience = 30 * time.Second

// init lets every program that can open a tunnel be AWS's plugin as well, and the keeper of a task, in processes of their
// own: the plugin ends its process with its session, and the keeper outlives a program that ends in any way.
func init() {
	region, task := os.Getenv(regionVariable), os.Getenv(taskVariable)
	if region == "" {
		return
	}
	if task == "" {
		go func() {
			awaitEnd()
			os.Exit(0)
		}()
		session.ValidateInputAndStartSession(os.Args, os.Stdout)
		os.Exit(1)
	}
	awaitEnd()
	if err := stopTask(region, os.Getenv(clusterVariable), task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// awaitEnd waits until whoever started this process, and holds the other end, has ended or closed it.
func awaitEnd() { _, _ = io.Copy(io.Discard, os.Stdin) }

func stopTask(region, cluster, task string) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopPatience)
	defer cancel()
	config, err := awsapi.Load(ctx, region)
	if err != nil {
		return err
	}
	_, err = ecs.NewFromConfig(config).StopTask(ctx, &ecs.StopTaskInput{
		Cluster: aws.String(cluster), Task: aws.String(task), Reason: aws.String("the tunnel has ended"),
	})
	if err != nil {
		return fmt.Errorf("stop task %s: %w", awsapi.ShortName(task), err)
	}
	return nil
}
