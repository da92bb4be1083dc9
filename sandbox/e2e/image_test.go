//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ownImage is what other people's images have and the example's has not: an entry point and a working directory of
// their own, and no user of the number that the containers run as.
func ownImage(t *testing.T, dockerfile string) {
	edit(t, dockerfile, func(text string) string {
		text = strings.Replace(text, "groupadd --gid 10001 dagster", "groupadd --gid 3000 dagster", 1)
		text = strings.Replace(text, "useradd --uid 10001", "useradd --uid 3000", 1)
		text = strings.ReplaceAll(text, "dagster -g dagster -m 0750", "10001 -g 10001 -m 0750")
		text = strings.Replace(text, "chown dagster:dagster", "chown 10001:10001", 1)
		return text + "\nWORKDIR /srv\nENTRYPOINT [\"dagster-webserver\"]\nCMD [\"--help\"]\n"
	})
}

// brokenImages start a task of the webserver with images that break the contract, each in one way.
func brokenImages(o own) {
	for name, broken := range map[string]struct {
		edit func(dockerfile string) string
		said string
	}{
		"no VOLUME": {
			func(text string) string { return strings.Replace(text, "VOLUME ", "# VOLUME ", 1) },
			"#volumes): wanted is a folder /opt/dagster that user 10001 can write to, declared by VOLUME; " +
				"found: Permission denied: it belongs to 0:0 with mode 0755",
		},
		"folders of another user": {
			func(text string) string { return strings.ReplaceAll(text, "10001", "3000") },
			"#volumes): wanted is a folder /opt/dagster that user 10001 can write to, declared by VOLUME; " +
				"found: Permission denied: it belongs to 3000:3000 with mode 0750",
		},
		"no dagster-aws": {
			func(text string) string {
				return text + "USER root\nRUN rm -r /opt/venv/lib/python3.*/site-packages/dagster_aws*\n"
			},
			"#packages): wanted is dagster-aws 0.29 or later; found: none that user 10001 can read",
		},
	} {
		o.t.Run(name, func(t *testing.T) {
			o := own{o.with(t), o.project}
			project := t.TempDir()
			if err := os.CopyFS(project, os.DirFS(o.project)); err != nil {
				t.Fatal(err)
			}
			edit(t, filepath.Join(project, "Dockerfile"), broken.edit)
			image, remove := built(o, project)
			defer remove()
			task := o.startWeb(image)
			if said := o.lines(o.webLogs, "web/configure/"+task); !strings.Contains(said, broken.said) {
				t.Errorf("configure says %s, want %s", said, broken.said)
			}
		})
	}
}

// startWeb runs a task like those of the webserver with another image until its end, and answers the task's id.
func (c *cloud) startWeb(image string) string {
	c.t.Helper()
	ctx := c.t.Context()
	arn, err := c.definition(ctx, c.web)
	if err != nil {
		c.t.Fatal(err)
	}
	described, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(arn)})
	if err != nil {
		c.t.Fatal(err)
	}
	of := described.TaskDefinition
	for i := range of.ContainerDefinitions {
		of.ContainerDefinitions[i].Image = aws.String(image)
	}
	other, err := c.ecs.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("broken"), ContainerDefinitions: of.ContainerDefinitions, Volumes: of.Volumes,
		TaskRoleArn: of.TaskRoleArn, ExecutionRoleArn: of.ExecutionRoleArn, NetworkMode: of.NetworkMode,
		RequiresCompatibilities: of.RequiresCompatibilities, Cpu: of.Cpu, Memory: of.Memory, RuntimePlatform: of.RuntimePlatform,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	services, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(c.cluster), Services: []string{c.web}})
	if err != nil {
		c.t.Fatal(err)
	}
	started, err := c.ecs.RunTask(ctx, &ecs.RunTaskInput{
		Cluster: aws.String(c.cluster), TaskDefinition: other.TaskDefinition.TaskDefinitionArn, LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: services.Services[0].NetworkConfiguration,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	task := aws.ToString(started.Tasks[0].TaskArn)
	eventually(c.t, 2*time.Minute, func(ctx context.Context) error {
		now, err := c.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(c.cluster), Tasks: []string{task}})
		if err == nil && aws.ToString(now.Tasks[0].LastStatus) != "STOPPED" {
			err = errors.New("the task has not ended")
		}
		return err
	})
	return task[strings.LastIndex(task, "/")+1:]
}

// lines are all lines of a log stream, which must have one.
func (c *cloud) lines(group, stream string) string {
	c.t.Helper()
	var said []string
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		events, err := c.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(group), LogStreamName: aws.String(stream), StartFromHead: aws.Bool(true),
		})
		if err != nil {
			return err
		}
		if len(events.Events) == 0 {
			return fmt.Errorf("nothing in %s of %s", stream, group)
		}
		for _, event := range events.Events {
			said = append(said, aws.ToString(event.Message))
		}
		return nil
	})
	return strings.Join(said, "\n")
}
