package database

import (
	"context"
	"errors"
	"fmt"

	rdsapi "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/awsapi"
)

// finalSnapshotBytes tell final snapshots apart: 2^32 values.
const finalSnapshotBytes = 4

// snapshotNotFound is RDS's code for a snapshot that is not there (RDS DescribeDBSnapshots, errors).
const snapshotNotFound = "DBSnapshotNotFound"

// snapshots is what of RDS's API is asked.
type snapshots interface {
	DescribeDBSnapshots(
		context.Context, *rdsapi.DescribeDBSnapshotsInput, ...func(*rdsapi.Options),
	) (*rdsapi.DescribeDBSnapshotsOutput, error)
}

// nameFinalSnapshot gives each instance's last snapshot a name of its own: the one of an earlier instance with this
// identifier outlived it. What replaces the instance makes a new name.
func (b *builder) nameFinalSnapshot() error {
	if !b.args.Protection.FinalSnapshot {
		return nil
	}
	suffix, err := random.NewRandomId(b.Ctx, b.Child("final-snapshot"), &random.RandomIdArgs{
		ByteLength: pulumi.Int(finalSnapshotBytes),
		Keepers: pulumi.StringMap{
			"identifier": pulumi.String(b.args.Identifier), "database": pulumi.String(b.args.name()),
		},
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("name the final snapshot: %w", err)
	}
	b.finalSnapshot = pulumi.Sprintf("%s-final-%s", b.args.Identifier, suffix.Hex)
	return nil
}

// refuseTakenSnapshot is asked before the instance is created.
func (b *builder) refuseTakenSnapshot(args *pulumi.ResourceHookArgs) error {
	name := text(args.NewInputs, "finalSnapshotIdentifier")
	if name == "" {
		return nil
	}
	config, err := awsapi.Load(b.Ctx.Context(), b.args.Location.Region)
	if err != nil {
		return err
	}
	return refuseTakenSnapshot(b.Ctx.Context(), rdsapi.NewFromConfig(config), name, b.Child("final-snapshot"))
}

// refuseTakenSnapshot refuses an instance whose final snapshot is there already, as after an update that ended between the
// deletion of an instance and that of its suffix: the instance could not be deleted.
func refuseTakenSnapshot(ctx context.Context, api snapshots, name, suffix string) error {
	_, err := api.DescribeDBSnapshots(ctx, &rdsapi.DescribeDBSnapshotsInput{DBSnapshotIdentifier: &name})
	if coded := (interface{ ErrorCode() string })(nil); errors.As(err, &coded) && coded.ErrorCode() == snapshotNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the snapshot %s: %w", name, err)
	}
	return fmt.Errorf("the final snapshot %s of an earlier instance is there, and the new instance's would have the same name: "+
		"let Pulumi make a new one by --replace with the URN of %s (pulumi stack --show-urns)", name, suffix)
}
