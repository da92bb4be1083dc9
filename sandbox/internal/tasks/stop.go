package tasks

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Stop is the end of a task that was not meant to end.
type Stop struct {
	// Of is the service, or the family of a task that no service started.
	Of string
	// Reason is ECS's stopped reason.
	Reason string
	// Exits are the containers that show why, in the order of the definition.
	Exits []Exit
}

// Exit is the end of one container.
type Exit struct {
	Container string
	// Code is nil when the container never ran.
	Code *int32
	// Reason is ECS's, empty where the exit code says all.
	Reason string
	// Group and Stream are where its log is; empty without one.
	Group, Stream string
	// Log are its last lines.
	Log []string
}

// String is one line with the reason and the exit codes, and below it the last lines of the logs.
func (s *Stop) String() string {
	text := s.Line()
	for _, exit := range s.Exits {
		for _, line := range exit.Log {
			text += "\n      | " + line
		}
	}
	return text
}

// Line is what String begins with.
func (s *Stop) Line() string {
	text := fmt.Sprintf("a task of %s stopped: %s", s.Of, s.Reason)
	for _, exit := range s.Exits {
		text += "; container " + exit.Container
		if exit.Code != nil {
			text += fmt.Sprintf(" exited with %d", *exit.Code)
		}
		if exit.Reason != "" {
			text += ": " + exit.Reason
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
	stop := &Stop{Of: of, Reason: aws.ToString(task.StoppedReason)}
	answer, err := c.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: task.TaskDefinitionArn})
	if err != nil {
		return nil, fmt.Errorf("describe the task definition of %s: %w", of, err)
	}
	definitions := answer.TaskDefinition.ContainerDefinitions
	for _, container := range telling(task, definitions) {
		exit := Exit{Container: aws.ToString(container.Name), Code: container.ExitCode, Reason: aws.ToString(container.Reason)}
		i := slices.IndexFunc(definitions, func(d types.ContainerDefinition) bool { return aws.ToString(d.Name) == exit.Container })
		if i >= 0 && definitions[i].LogConfiguration != nil {
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: prefix/container/task.
			options := definitions[i].LogConfiguration.Options
			exit.Group = options["awslogs-group"]
			exit.Stream = options["awslogs-stream-prefix"] + "/" + exit.Container + "/" + afterLast(aws.ToString(task.TaskArn), "/")
			exit.Log = c.lastLines(ctx, exit)
		}
		stop.Exits = append(stop.Exits, exit)
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

var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// lastLines reads the end of a container's log, which is there when it grows no more. A container that never ran has
// none, which is no error.
func (c *Client) lastLines(ctx context.Context, exit Exit) (lines []string) {
	if exit.Code == nil {
		return nil
	}
	for deadline := time.Now().Add(logPatience); ; {
		events, err := c.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(exit.Group), LogStreamName: aws.String(exit.Stream),
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
		line := []rune(strings.TrimRight(escape.ReplaceAllString(aws.ToString(event.Message), ""), " \r\n"))
		if len(line) > widestLine {
			line = append(line[:widestLine], '…')
		}
		lines = append(lines, string(line))
	}
	return lines
}
