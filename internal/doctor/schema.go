package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"dagster-ecs/internal/doctor/judge"
)

// schema asks what the last migration said, and whether it had the image that services and runs have.
func (e *examination) schema(ctx context.Context) (findings []Finding, err error) {
	family := strings.TrimSuffix(e.Daemon, daemon) + "migration"
	definition, err := e.define(ctx, &family)
	if err != nil {
		return nil, err
	}
	migration := workload{definition: definition}
	said, err := e.lastWords(ctx, logGroups(migration)[0], "migration/"+family+"/")
	if err != nil {
		return nil, err
	}
	findings = judge.Migration(said)
	for _, each := range e.workloads {
		findings = append(findings, judge.Schema(aws.ToString(each.definition.Family), images(each), images(migration))...)
	}
	return findings, nil
}

// lastWords are the last line of the newest of a group's streams that begin with some words, empty without any.
func (e *examination) lastWords(ctx context.Context, group, streams string) (string, error) {
	var newest logtypes.LogStream
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(e.log, &cloudwatchlogs.DescribeLogStreamsInput{
		LogGroupName: &group, LogStreamNamePrefix: &streams,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if is(err, "ResourceNotFoundException") {
			return "", nil // which the check of the log groups tells
		}
		if err != nil {
			return "", fmt.Errorf("list the log streams %s: %w", streams, err)
		}
		for _, stream := range page.LogStreams {
			if newest.LogStreamName == nil || aws.ToInt64(stream.CreationTime) > aws.ToInt64(newest.CreationTime) {
				newest = stream
			}
		}
	}
	if newest.LogStreamName == nil {
		return "", nil
	}
	read, err := e.log.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &group, LogStreamName: newest.LogStreamName, Limit: aws.Int32(1),
	})
	if err != nil || len(read.Events) == 0 {
		return "", err
	}
	return aws.ToString(read.Events[0].Message), nil
}
