package database

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	rdsapi "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/problems"
)

// instances is what the checks need of RDS.
type instances interface {
	DescribeDBInstances(
		ctx context.Context, input *rdsapi.DescribeDBInstancesInput, options ...func(*rdsapi.Options),
	) (*rdsapi.DescribeDBInstancesOutput, error)
}

// checkInstance refuses changes of the instance that RDS would refuse in the middle of an update, and says which ones
// interrupt the database.
func (b *builder) checkInstance(args *pulumi.ResourceHookArgs) error {
	if err := refuseInstance(args.OldInputs, args.NewInputs, b.diskGiB); err != nil {
		return err
	}
	for input, time := range map[resource.PropertyKey]string{
		"engineVersion": "for some minutes, longer with much data",
		"instanceClass": "for a minute or two with a standby, for some minutes without",
	} {
		before, after := text(args.OldInputs, input), text(args.NewInputs, input)
		if before == after || !b.Ctx.DryRun() {
			continue
		}
		if err := b.Ctx.Log.Warn(fmt.Sprintf("database.%s: %s becomes %s at once, not in the maintenance window: "+
			"the database is away %s", input, before, after, time), nil); err != nil {
			return fmt.Errorf("warn of an interruption: %w", err)
		}
	}
	return nil
}

// diskGiB asks RDS for the size of the disk, which may have grown by itself.
func (b *builder) diskGiB() (int, error) {
	config, err := awsapi.Load(b.Ctx.Context(), b.args.Location.Region)
	if err != nil {
		return 0, err
	}
	return diskGiB(b.Ctx.Context(), rdsapi.NewFromConfig(config), b.args.Identifier)
}

func diskGiB(ctx context.Context, api instances, identifier string) (int, error) {
	found, err := api.DescribeDBInstances(ctx, &rdsapi.DescribeDBInstancesInput{DBInstanceIdentifier: &identifier})
	if err != nil {
		return 0, fmt.Errorf("look up the disk of database %s: %w", identifier, err)
	}
	if len(found.DBInstances) != 1 {
		return 0, fmt.Errorf("look up the disk of database %s: RDS knows %d of that name", identifier, len(found.DBInstances))
	}
	return int(aws.ToInt32(found.DBInstances[0].AllocatedStorage)), nil
}

// refuseInstance refuses an older major version, a smaller disk, and limits that the disk has outgrown (RDS
// ModifyDBInstance, EngineVersion, AllocatedStorage and MaxAllocatedStorage).
func refuseInstance(before, after resource.PropertyMap, diskGiB func() (int, error)) error {
	var list problems.List
	from, to := text(before, "engineVersion"), text(after, "engineVersion")
	list.Check(from <= to || to == "", "database.engineVersion", "%q cannot become %q: PostgreSQL has no way back; "+
		"leave it, or restore a snapshot of before the upgrade to a stack of its own", from, to)
	size, newSize := number(before, "allocatedStorage"), number(after, "allocatedStorage")
	most, newMost := number(before, "maxAllocatedStorage"), number(after, "maxAllocatedStorage")
	if size == newSize && most == newMost {
		return list.Err()
	}
	disk, err := diskGiB()
	if err != nil {
		return err
	}
	const path, limit = "database.storageGiB", "database.maxStorageGiB"
	grown := (disk*11 + 9) / 10
	switch {
	case newSize < size:
		list.Addf(path, "%d cannot become %d: a disk never shrinks; leave it", size, newSize)
	case newSize > size && newSize != disk && newSize < grown:
		list.Addf(path, "%d cannot become %d: the disk has %d, and AWS adds a tenth at least; %d (no change) and %d or more are allowed",
			size, newSize, disk, disk, grown)
	case newMost == 0 && most > 0 && newSize < disk:
		list.Addf(limit, "%d cannot become 0 while the disk, grown to %d, is larger than database.storageGiB says: set that to %d too",
			most, disk, disk)
	}
	list.Check(newMost == 0 || newMost == most || newMost >= grown, limit,
		"%d cannot become %d: the disk has %d; 0 and %d or more are allowed", most, newMost, disk, grown)
	return list.Err()
}

// refuseSubnets refuses to take subnets away: RDS does not let go of those that an instance may stand in.
func refuseSubnets(args *pulumi.ResourceHookArgs) error {
	after, known := texts(args.NewInputs, "subnetIds")
	if !known {
		return nil
	}
	before, _ := texts(args.OldInputs, "subnetIds")
	var list problems.List
	for _, id := range before {
		list.Check(slices.Contains(after, id), "network", "the database's subnet %s cannot go: RDS keeps those that its "+
			"instance may stand in; zones and database subnets can be added only", id)
	}
	return list.Err()
}

// text is a property that is a text and known; empty otherwise.
func text(properties resource.PropertyMap, key resource.PropertyKey) string {
	if value := plain(properties[key]); value.IsString() {
		return value.StringValue()
	}
	return ""
}

// number is a property that is a number and known; 0 otherwise.
func number(properties resource.PropertyMap, key resource.PropertyKey) int {
	if value := plain(properties[key]); value.IsNumber() {
		return int(value.NumberValue())
	}
	return 0
}

// texts gives the texts of a list that are known, and whether the list is.
func texts(properties resource.PropertyMap, key resource.PropertyKey) (found []string, known bool) {
	value := plain(properties[key])
	if !value.IsArray() {
		return nil, false
	}
	for _, each := range value.ArrayValue() {
		if each = plain(each); each.IsString() {
			found = append(found, each.StringValue())
		}
	}
	return found, true
}

// plain takes off what a value is wrapped in: an output with its dependencies, or a secret. One that is not known yet is
// computed.
func plain(value resource.PropertyValue) resource.PropertyValue {
	switch {
	case value.IsOutput() && !value.OutputValue().Known:
		return resource.MakeComputed(resource.NewProperty(""))
	case value.IsOutput():
		return plain(value.OutputValue().Element)
	case value.IsSecret():
		return plain(value.SecretValue().Element)
	}
	return value
}
