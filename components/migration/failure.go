package migration

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	// lastLines is how much of a failed task's log is shown.
	lastLines = 20
	// logTries is how often the log is asked for: lines arrive some seconds after they were written.
	logTries = 4
)

// logsAPI is what is asked of CloudWatch Logs.
type logsAPI interface {
	GetLogEvents(context.Context, *cloudwatchlogs.GetLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetLogEventsOutput, error)
}

// failure says why a task ended as it should not: which container with which code, what ECS says, where its log is, and
// what stands at its end.
func (t tasks) failure(ctx context.Context, ended types.Task) string {
	why := fmt.Sprintf("task %s stopped (%s)", nameOf(aws.ToString(ended.TaskArn)), aws.ToString(ended.StoppedReason))
	for _, container := range ended.Containers {
		if aws.ToInt32(container.ExitCode) == 0 {
			continue
		}
		name := aws.ToString(container.Name)
		why += fmt.Sprintf("; container %s exited with %d", name, aws.ToInt32(container.ExitCode))
		if reason := aws.ToString(container.Reason); reason != "" {
			why += " (" + reason + ")"
		}
		stream := kind + "/" + name + "/" + nameOf(aws.ToString(ended.TaskArn))
		return fmt.Sprintf("%s\nits log: group %s, stream %s\n%s", why, t.target.log, stream, t.end(ctx, stream))
	}
	return why
}

// end is the end of a log stream, or why it cannot be shown.
func (t tasks) end(ctx context.Context, stream string) string {
	for try := 1; ; try++ {
		events, err := t.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(t.target.log), LogStreamName: aws.String(stream), Limit: aws.Int32(lastLines),
		})
		if err == nil && len(events.Events) > 0 {
			var lines []string
			for _, event := range events.Events {
				lines = append(lines, "  "+strings.TrimRight(aws.ToString(event.Message), "\r\n"))
			}
			return strings.Join(lines, "\n")
		}
		if try == logTries || pause(ctx, pollEvery) != nil {
			return fmt.Sprintf("  (nothing can be read there: %v)", err)
		}
	}
}
