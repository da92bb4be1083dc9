package migration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskrun"
)

// busyFor is how long an instance may be too busy for a snapshot: a backup or a change of it is under way.
const busyFor = time.Hour

// rdsAPI is what is asked of RDS.
type rdsAPI interface {
	CreateDBSnapshot(context.Context, *rds.CreateDBSnapshotInput, ...func(*rds.Options)) (*rds.CreateDBSnapshotOutput, error)
	DescribeDBSnapshots(context.Context, *rds.DescribeDBSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBSnapshotsOutput, error)
}

// snapshots takes snapshots of one instance.
type snapshots struct {
	rds rdsAPI
	// instance is the identifier of the instance, reason why a snapshot is taken, as a tag's value.
	instance, reason string
	tell             func(string)
}

// take takes a snapshot, waits until it is available however long that takes, and gives its name, which says why and
// when it was taken.
func (s snapshots) take(ctx context.Context) (string, error) {
	name := s.instance + "-before-migration-" + time.Now().UTC().Format("20060102-150405")
	if err := s.create(ctx, name); err != nil {
		return "", fmt.Errorf("take the snapshot %s before the migration: %w", name, err)
	}
	progress := awsapi.Progress{Tell: s.tell}
	for {
		described, err := s.rds.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String(name)})
		if err != nil {
			return "", fmt.Errorf("wait for the snapshot %s: %w", name, err)
		}
		if len(described.DBSnapshots) != 1 {
			return "", fmt.Errorf("wait for the snapshot %s: it is gone", name)
		}
		snapshot := described.DBSnapshots[0]
		progress.Note(fmt.Sprintf("snapshot %s: %s, %d %%", name, aws.ToString(snapshot.Status), aws.ToInt32(snapshot.PercentProgress)))
		switch aws.ToString(snapshot.Status) {
		case "available":
			return name, nil
		case "failed":
			return "", fmt.Errorf("wait for the snapshot %s: it failed", name)
		}
		if err := awsapi.Pause(ctx, taskrun.PollEvery); err != nil {
			return "", err
		}
	}
}

// create starts a snapshot as soon as the instance is available, the only state in which RDS takes one.
func (s snapshots) create(ctx context.Context, name string) error {
	progress, begin := awsapi.Progress{Tell: s.tell}, time.Now()
	for {
		_, err := s.rds.CreateDBSnapshot(ctx, &rds.CreateDBSnapshotInput{
			DBInstanceIdentifier: aws.String(s.instance),
			DBSnapshotIdentifier: aws.String(name),
			Tags:                 []types.Tag{{Key: aws.String("Reason"), Value: aws.String(s.reason)}},
		})
		var busy *types.InvalidDBInstanceStateFault
		if err == nil || !errors.As(err, &busy) || time.Since(begin) > busyFor {
			return err
		}
		progress.Note("the database is too busy for a snapshot: " + busy.ErrorMessage())
		if err := awsapi.Pause(ctx, taskrun.PollEvery); err != nil {
			return err
		}
	}
}
