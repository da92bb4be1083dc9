package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// What migrate.py says of tables that are not its image's.
const (
	later   = "which this image's Dagster does not know"
	earlier = "nothing was changed"
)

const unmigrated = "operations.md#when-a-migration-fails"

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
	findings = judgeMigration(said)
	for _, each := range e.workloads {
		findings = append(findings, judgeSchema(each, images(migration))...)
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

// judgeMigration judges what migrate.py said last.
func judgeMigration(said string) []Finding {
	switch {
	case strings.Contains(said, later):
		return []Finding{{"The tables are of a later Dagster than the image's", said, "deploy the later image, or restore", "operations.md#roll-back"}}
	case strings.Contains(said, earlier):
		return []Finding{{"The tables are of an earlier Dagster than the image's", said, "pulumi up, which takes a snapshot and migrates", unmigrated}}
	}
	return nil
}

// judgeSchema judges whether a workload has an image for which the tables were migrated last.
func judgeSchema(w workload, migrated []string) []Finding {
	others := slices.DeleteFunc(images(w), func(image string) bool { return slices.Contains(migrated, image) })
	if len(others) == 0 {
		return nil
	}
	return []Finding{{
		fmt.Sprintf("%s has another image than the tables were migrated for", aws.ToString(w.definition.Family)),
		fmt.Sprintf("it runs %s, migrated was %s", strings.Join(others, ", "), strings.Join(migrated, ", ")),
		"pulumi up, which ended halfway; or roll back", unmigrated,
	}}
}
