package tasks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/sandbox/internal/logline"
)

// Stop is the end of a task that was not meant to end.
type Stop struct {
	// of is the service, or the family of a task that no service started.
	of string
	// reason is ECS's stopped reason.
	reason string
	// exits are the containers that show why, in the order of the definition.
	exits []exit
}

// exit is the end of one container.
type exit struct {
	container string
	// code is nil when the container never ran.
	code *int32
	// reason is ECS's, empty where the exit code says all.
	reason string
	// group and stream are where its log is; empty without one.
	group, stream string
	// log are its last lines.
	log []string
}

// String is one line with the reason and the exit codes, and below it the last lines of the logs.
func (s *Stop) String() string {
	text := s.line()
	for _, exit := range s.exits {
		for _, line := range exit.log {
			text += "\n      | " + line
		}
	}
	return text
}

// line is what String begins with.
func (s *Stop) line() string {
	text := fmt.Sprintf("a task of %s stopped: %s", s.of, s.reason)
	for _, exit := range s.exits {
		text += "; container " + exit.container
		if exit.code != nil {
			text += fmt.Sprintf(" exited with %d", *exit.code)
		}
		if exit.reason != "" {
			text += ": " + exit.reason
		}
	}
	return text
}

const (
	shownLines = 6
	widestLine = 200
	// logPatience is how long the last lines of a container may take to reach CloudWatch Logs.
	logPatience = 3 * time.Second
	logPoll     = 500 * time.Millisecond
)

func (c *Client) describe(ctx context.Context, task types.Task) (*Stop, error) {
	of, isService := strings.CutPrefix(aws.ToString(task.Group), servicePrefix)
	family, _, _ := strings.Cut(afterLast(aws.ToString(task.TaskDefinitionArn), "/"), ":")
	if !isService {
		of = family
	}
	stop := &Stop{of: of, reason: aws.ToString(task.StoppedReason)}
	answer, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: task.TaskDefinitionArn})
	if err != nil {
		return nil, fmt.Errorf("describe the task definition of %s: %w", of, err)
	}
	definitions := answer.TaskDefinition.ContainerDefinitions
	for _, container := range telling(task, definitions) {
		exit := exit{container: aws.ToString(container.Name), code: container.ExitCode, reason: aws.ToString(container.Reason)}
		i := slices.IndexFunc(definitions, func(d types.ContainerDefinition) bool { return aws.ToString(d.Name) == exit.container })
		if i >= 0 && definitions[i].LogConfiguration != nil {
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: prefix/container/task.
			options := definitions[i].LogConfiguration.Options
			exit.group = options["awslogs-group"]
			exit.stream = options["awslogs-stream-prefix"] + "/" + exit.container + "/" + afterLast(aws.ToString(task.TaskArn), "/")
			exit.log = c.lastLines(ctx, exit)
		}
		stop.exits = append(stop.exits, exit)
	}
	return stop, nil
}

// Exit codes of containers that were told to end, by SIGKILL and SIGTERM: they follow from what happened to others.
var told = []int32{137, 143}

// telling picks the containers that show why a task stopped: those that failed by themselves, else those with a reason,
// else the essential ones that ended.
func telling(task types.Task, definitions []types.ContainerDefinition) []types.Container {
	essential := func(c types.Container) bool {
		return slices.ContainsFunc(definitions, func(d types.ContainerDefinition) bool {
			return aws.ToString(d.Name) == aws.ToString(c.Name) && (d.Essential == nil || *d.Essential)
		})
	}
	for _, tells := range []func(types.Container) bool{
		func(c types.Container) bool {
			return aws.ToInt32(c.ExitCode) != 0 && !slices.Contains(told, *c.ExitCode)
		},
		func(c types.Container) bool { return aws.ToString(c.Reason) != "" },
		func(c types.Container) bool { return c.ExitCode != nil && essential(c) },
	} {
		found := slices.DeleteFunc(slices.Clone(task.Containers), func(c types.Container) bool { return !tells(c) })
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// lastLines reads the end of a container's log, which is there when it grows no more. A container that never ran has
// none, which is no error.
func (c *Client) lastLines(ctx context.Context, exit exit) (lines []string) {
	if exit.code == nil {
		return nil
	}
	for deadline := time.Now().Add(logPatience); ; {
		events, err := c.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(exit.group), LogStreamName: aws.String(exit.stream),
			Limit: aws.Int32(shownLines), StartFromHead: aws.Bool(false),
		})
		if err == nil {
			now := shown(events.Events)
			if len(now) > 0 && slices.Equal(now, lines) {
				return lines
			}
			lines = now
		}
		if time.Now().After(deadline) {
			return lines
		}
		select {
		case <-ctx.Done():
			return lines
		case <-time.After(logPoll):
		}
	}
}

func shown(events []logtypes.OutputLogEvent) (lines []string) {
	for _, event := range events {
		line := []rune(logline.Readable(aws.ToString(event.Message)))
		if len(line) > widestLine {
			line = append(line[:widestLine], '…')
		}
		lines = append(lines, string(line))
	}
	return lines
}
