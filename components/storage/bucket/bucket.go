package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/securebucket"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/internal/grants"
	"dagster-ecs/internal/iamdoc"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:bucket:Bucket"

// Bucket is a bucket with its key, its access logs and its copy.
type Bucket struct {
	pulumi.ResourceState

	// Name is the bucket's name. It is there once encryption and policy are: what is written then is under the key.
	Name pulumi.StringOutput
	// Arn is the bucket's ARN.
	Arn pulumi.StringOutput
	// KeyArn is the key that everything in the bucket is encrypted with.
	KeyArn pulumi.StringOutput
	// ReplicaName is the copy's name, known at plan time; empty without one.
	ReplicaName string
}

// Granted is the bucket as permissions name it.
func (b *Bucket) Granted(prefixes grants.Prefixes) grants.Bucket {
	return grants.Bucket{Arn: b.Arn, KeyArn: b.KeyArn, Prefixes: prefixes}
}

type builder struct {
	*component.Scope
	args    *Args
	out     *Bucket
	key     *kms.Key
	logs    *securebucket.Bucket
	data    *securebucket.Bucket
	replica *securebucket.Bucket

	replicaKey *kms.Key
	replicator *servicerole.Role
}

// New builds the bucket.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	bucket := &Bucket{}
	scope, err := component.Open(ctx, TypeToken, name, bucket, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, args: args, out: bucket}
	steps := []func() error{b.createLogs, b.createData, b.recordAccesses, b.accelerate}
	if args.Replica != nil {
		steps = append(steps, b.createReplica, b.createReplicationRole, b.replicate)
	}
	if err := scope.Run(append(steps, b.setOutputs)...); err != nil {
		return nil, err
	}
	return bucket, scope.Close(pulumi.Map{
		"name": bucket.Name, "arn": bucket.Arn, "keyArn": bucket.KeyArn, "replicaName": pulumi.String(bucket.ReplicaName),
	})
}

// createLogs makes the bucket that S3 writes the records of accesses to. S3 delivers them under its own keys only (S3
// user guide, server access logging).
func (b *builder) createLogs() (err error) {
	name := b.args.Name + "-logs"
	b.logs, err = securebucket.New(b.Scope, securebucket.Args{
		Suffix:         "logs",
		Name:           name,
		Location:       b.args.Location,
		OldVersionDays: 1,
		ForceDestroy:   b.args.ForceDestroy,
		Keep:           b.args.Keep,
		Rules:          []Rule{{Prefix: "access/", ExpireDays: accessLogDays}},
		Statements: []iamdoc.Statement{{
			Sid:       "DeliverAccessLogs",
			Principal: iamdoc.Service("logging.s3.amazonaws.com"),
			Action:    []string{"s3:PutObject"},
			Resource:  []any{b.args.Location.BucketARN(name + "/access/*")},
			Condition: iamdoc.Condition{
				"ArnLike":      {"aws:SourceArn": b.args.Location.BucketARN(b.args.Name)},
				"StringEquals": {"aws:SourceAccount": b.args.Location.Account},
			},
		}},
	})
	return err
}

// createData makes the bucket itself. S3 uses the key with the rights of its caller, so no service is let in.
func (b *builder) createData() (err error) {
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "data-key",
		Alias:       b.args.NamePrefix + "-data",
		Description: "Bucket " + b.args.Name,
		Location:    b.args.Location,
		Keep:        b.args.Keep,
	})
	if err != nil {
		return err
	}
	b.data, err = securebucket.New(b.Scope, securebucket.Args{
		Suffix:         "data",
		Name:           b.args.Name,
		Location:       b.args.Location,
		KeyArn:         b.key.Arn,
		OldVersionDays: b.args.oldVersionDays(),
		Rules:          b.args.Lifecycle,
		ForceDestroy:   b.args.ForceDestroy,
		Keep:           b.args.Keep,
	})
	return err
}

func (b *builder) recordAccesses() error {
	_, err := s3.NewBucketLoggingV2(b.Ctx, b.Child("data-logging"), &s3.BucketLoggingV2Args{
		Bucket:       b.data.Bucket.Bucket,
		TargetBucket: b.logs.Bucket.Bucket,
		TargetPrefix: pulumi.String("access/"),
		// S3 refuses a target whose policy does not let it write yet
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{b.logs.Policy}))...)
	if err != nil {
		return fmt.Errorf("record accesses: %w", err)
	}
	return nil
}

func (b *builder) accelerate() error {
	if !b.args.Accelerate {
		return nil
	}
	_, err := s3.NewBucketAccelerateConfigurationV2(b.Ctx, b.Child("data-acceleration"),
		&s3.BucketAccelerateConfigurationV2Args{
			Bucket: b.data.Bucket.Bucket, Status: pulumi.String("Enabled"),
		}, b.Options()...)
	if err != nil {
		return fmt.Errorf("accelerate transfers: %w", err)
	}
	return nil
}

func (b *builder) setOutputs() error {
	b.out.Name = component.After(b.data.Bucket.Bucket, b.data.Encryption, b.data.Policy)
	b.out.Arn = b.data.Bucket.Arn
	b.out.KeyArn = b.key.Arn
	return nil
}
