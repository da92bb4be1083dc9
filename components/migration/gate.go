package migration

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/taskstop"
)

// The exit codes of migrate.py that are no failure.
const (
	migrated = 0
	// behind: there are data of an earlier schema, and no snapshot was named.
	behind = 3
	// ahead: the schema is of a later Dagster than the image's.
	ahead = 4
)

// gate lets a service of a new image start once the tables are as it expects them.
type gate struct {
	tasks     tasks
	stops     taskstop.Reader
	snapshots snapshots
	tell      func(string)
}

// pass migrates the tables. Where it fails, what runs is as it was.
func (g gate) pass(ctx context.Context) error {
	if err := g.migrate(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w\nNo service was changed: docs/operations.md, \"When a migration fails\"", err)
	}
	return nil
}

// migrate runs the task, and where there are data to migrate takes a snapshot and runs the task again.
func (g gate) migrate(ctx context.Context) error {
	if err := g.tasks.awaitOthers(ctx); err != nil {
		return err
	}
	ended, err := g.tasks.run(ctx, "")
	if err != nil {
		return err
	}
	if g.tasks.exitCode(ended) != behind {
		return g.judge(ctx, ended)
	}
	snapshot, err := g.wayBack(ctx)
	if err != nil {
		return err
	}
	if ended, err = g.tasks.run(ctx, snapshot); err != nil {
		return err
	}
	if err := g.judge(ctx, ended); err != nil {
		return fmt.Errorf("%w\nThe way back is the snapshot %s", err, snapshot)
	}
	return nil
}

// ownersBackups stands for a snapshot where the database is not one of RDS that the program knows.
const ownersBackups = "of the database's owner"

// wayBack takes a snapshot of an instance that is known.
func (g gate) wayBack(ctx context.Context) (string, error) {
	if g.snapshots.instance == "" {
		g.tell("there are data to migrate, and no snapshot is taken: the backups of the database's owner lead back")
		return ownersBackups, nil
	}
	return g.snapshots.take(ctx)
}

// judge says whether services may start.
func (g gate) judge(ctx context.Context, ended types.Task) error {
	switch g.tasks.exitCode(ended) {
	case migrated:
		return nil
	case ahead:
		g.tell("the schema of the database is of a later Dagster than the image's, and stays as it is. " +
			"Dagster's release notes say whether this one works with it")
		return nil
	}
	return errors.New(g.stops.Of(ctx, ended).String())
}
