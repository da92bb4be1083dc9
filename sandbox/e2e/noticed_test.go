//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// healthy looks at what is asked whether the webserver works: Dagster answers any path with a page and 200.
func healthy(c *cloud) {
	var path string
	for _, r := range resources(c) {
		if check, ok := r.Outputs["healthCheck"].(map[string]any); ok && r.Type == "aws:lb/targetGroup:TargetGroup" {
			path = fmt.Sprint(check["path"])
		}
	}
	response, err := http.Get(c.dagster.URL + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var versions map[string]string
	if err := json.Unmarshal(text, &versions); err != nil || versions["dagster_version"] == "" {
		c.t.Errorf("the load balancer's health path %s answers no versions of Dagster: %v: %.200s", path, err, text)
	}
	for _, service := range []string{c.web, c.daemon} {
		for _, task := range c.serviceTasks(service) {
			if task.HealthStatus != ecstypes.HealthStatusHealthy {
				c.t.Errorf("the task of %s is %s", service, task.HealthStatus)
			}
		}
	}
}

// serviceTasks are the tasks of a service that are RUNNING, at least one.
func (c *cloud) serviceTasks(service string) (running []ecstypes.Task) {
	c.t.Helper()
	list, err := c.ecs.ListTasks(c.t.Context(), &ecs.ListTasksInput{Cluster: aws.String(c.cluster), ServiceName: aws.String(service)})
	if err != nil {
		c.t.Fatal(err)
	}
	described, err := c.ecs.DescribeTasks(c.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: list.TaskArns})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, task := range described.Tasks {
		if aws.ToString(task.LastStatus) == "RUNNING" {
			running = append(running, task)
		}
	}
	return running
}

// twoDaemons is what Dagster logs, as an error, of a second daemon.
const twoDaemons = "daemon is still sending heartbeats"

// oneDaemon looks for two daemons in the deployments so far, each of which put a new daemon in the place of one.
func oneDaemon(c *cloud) {
	if err := c.logged(c.t.Context(), c.daemonLogs, twoDaemons); err == nil {
		c.t.Errorf("%s says that two daemons ran at a time", c.daemonLogs)
	}
}

// secondDaemon sets the daemon's service to two tasks, as somebody can by hand.
func secondDaemon(c *cloud) {
	first, err := c.serviceTask(c.t.Context(), c.daemon)
	if err != nil {
		c.t.Fatal(err)
	}
	scale := func(count int32) {
		if _, err := c.ecs.UpdateService(c.t.Context(), &ecs.UpdateServiceInput{
			Cluster: aws.String(c.cluster), Service: aws.String(c.daemon), DesiredCount: aws.Int32(count),
		}); err != nil {
			c.t.Fatal(err)
		}
	}
	scale(2)
	eventually(c.t, 4*time.Minute, func(context.Context) error {
		for _, task := range c.serviceTasks(c.daemon) {
			said, err := c.check(aws.ToString(task.TaskArn))
			if aws.ToString(task.TaskArn) == first {
				if err != nil {
					c.t.Fatalf("the first daemon is unhealthy: %s", said)
				}
			} else if strings.Contains(said, "another daemon came first and still sends heartbeats: ") {
				return nil
			}
		}
		return errors.New("no second daemon is unhealthy")
	})
	eventually(c.t, time.Minute, func(ctx context.Context) error { return c.logged(ctx, c.daemonLogs, twoDaemons) })
	scale(1)
}

// check runs the health check of a task of the daemon, as ECS does, and gives what it says.
func (c *cloud) check(task string) (string, error) {
	c.t.Helper()
	definition, err := c.definition(c.t.Context(), c.daemon)
	if err != nil {
		c.t.Fatal(err)
	}
	described, err := c.ecs.DescribeTaskDefinition(c.t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(definition)})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, container := range described.TaskDefinition.ContainerDefinitions {
		if aws.ToString(container.Name) == c.daemon {
			return c.engine(append([]string{"exec", c.container(task, c.daemon)}, container.HealthCheck.Command[1:]...)...)
		}
	}
	c.t.Fatalf("%s has no container %s", definition, c.daemon)
	return "", nil
}
