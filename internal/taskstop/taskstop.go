// Package taskstop says why a task of ECS stopped: what ECS says of it, how its containers ended, where their log is and
// what they said last.
package taskstop

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

	"dagster-ecs/internal/logline"
)

// Reader asks AWS about stopped tasks.
type Reader struct {
	// ECS gives the task's definition, which names its logs; required.
	ECS interface {
		DescribeTaskDefinition(
			context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
		) (*ecs.DescribeTaskDefinitionOutput, error)
	}
	// Logs gives the last lines; required.
	Logs interface {
		GetLogEvents(
			context.Context, *cloudwatchlogs.GetLogEventsInput, ...func(*cloudwatchlogs.Options),
		) (*cloudwatchlogs.GetLogEventsOutput, error)
	}
}

// Stop is the end of a task.
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

// Line is one line with the reason and the exit codes.
func (s Stop) Line() string {
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

// String is Line, and below it the last lines of each log that there is, and where it is.
func (s Stop) String() string {
	text := s.Line()
	for _, exit := range s.exits {
		for _, line := range exit.log {
			text += "\n      | " + line
		}
		if exit.code != nil && exit.group != "" {
			text += fmt.Sprintf("\n      its log: group %s, stream %s", exit.group, exit.stream)
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

	servicePrefix = "service:"
)

// serviceOf is the service that started a task, or "".
func serviceOf(task types.Task) string {
	name, isService := strings.CutPrefix(aws.ToString(task.Group), servicePrefix)
	if !isService {
		return ""
	}
	return name
}

// Failed says whether a task stopped otherwise than it was meant to: nobody asked for it, no deployment took its place,
// and a task that is not a service's did not simply end.
func Failed(task types.Task) bool {
	switch task.StopCode {
	case types.TaskStopCodeUserInitiated, types.TaskStopCodeSpotInterruption:
		return false
	case types.TaskStopCodeServiceSchedulerInitiated:
		return !strings.HasPrefix(aws.ToString(task.StoppedReason), "Scaling activity initiated")
	case types.TaskStopCodeTaskFailedToStart:
		return true
	}
	if serviceOf(task) != "" {
		return true
	}
	return slices.ContainsFunc(task.Containers, func(c types.Container) bool { return aws.ToInt32(c.ExitCode) != 0 })
}

// Of describes the stop of a task. What AWS does not give, such as a log that may not be read, is left out.
func (r Reader) Of(ctx context.Context, task types.Task) Stop {
	stop := Stop{of: serviceOf(task), reason: aws.ToString(task.StoppedReason)}
	if stop.of == "" {
		stop.of, _, _ = strings.Cut(afterLast(aws.ToString(task.TaskDefinitionArn), "/"), ":")
	}
	var definitions []types.ContainerDefinition
	answer, err := r.ECS.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: task.TaskDefinitionArn})
	if err == nil {
		definitions = answer.TaskDefinition.ContainerDefinitions
	}
	for _, container := range telling(task, definitions) {
		exit := exit{container: aws.ToString(container.Name), code: container.ExitCode, reason: aws.ToString(container.Reason)}
		i := slices.IndexFunc(definitions, func(d types.ContainerDefinition) bool { return aws.ToString(d.Name) == exit.container })
		if i >= 0 && definitions[i].LogConfiguration != nil {
			// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: prefix/container/task.
			options := definitions[i].LogConfiguration.Options
			exit.group = options["awslogs-group"]
			exit.stream = options["awslogs-stream-prefix"] + "/" + exit.container + "/" + afterLast(aws.ToString(task.TaskArn), "/")
			exit.log = r.lastLines(ctx, exit)
		}
		stop.exits = append(stop.exits, exit)
	}
	return stop
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
func (r Reader) lastLines(ctx context.Context, exit exit) (lines []string) {
	if exit.code == nil {
		return nil
	}
	for deadline := time.Now().Add(logPatience); ; {
		events, err := r.Logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
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

func afterLast(text, separator string) string {
	return text[strings.LastIndex(text, separator)+len(separator):]
}
