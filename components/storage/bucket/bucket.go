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
	// LogsName is the bucket of access logs. It is there once S3 and load balancers may write to it.
	LogsName pulumi.StringOutput
	// ReplicaName is the copy's name, known at plan time; empty without one.
	ReplicaName string
}

// Ref is a bucket as permissions name it, also one that is not made here.
type Ref = grants.Bucket

// Prefixes are where things lie in a bucket.
type Prefixes = grants.Prefixes

// Granted is the bucket as permissions name it.
func (b *Bucket) Granted(prefixes Prefixes) Ref {
	return Ref{Arn: b.Arn, KeyArn: b.KeyArn, Prefixes: prefixes}
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
		"name": bucket.Name, "logsName": bucket.LogsName, "arn": bucket.Arn, "keyArn": bucket.KeyArn, "replicaName": pulumi.String(bucket.ReplicaName),
	})
}

// createLogs makes the bucket that the records of accesses go to, of this bucket and of those that the arguments name.
func (b *builder) createLogs() (err error) {
	b.logs, err = securebucket.NewLogs(b.Scope, securebucket.LogArgs{
		Suffix:       "logs",
		Name:         b.args.Name + "-logs",
		Location:     b.args.Location,
		ForceDestroy: b.args.ForceDestroy,
		Keep:         b.args.Keep,
		Sources:      append([]string{b.args.Name}, b.args.Logged...),
		Balancers:    true,
	})
	if err != nil {
		return err
	}
	b.out.LogsName = b.logs.Ready()
	return nil
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
	return securebucket.RecordAccesses(b.Scope, "data", b.data, b.out.LogsName, "")
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
	b.out.Name = b.data.Ready()
	b.out.Arn = b.data.Bucket.Arn
	b.out.KeyArn = b.key.Arn
	return nil
}
