package securebucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/iamdoc"
)

const (
	// BalancerPrefix is where load balancers write in a bucket of access logs.
	BalancerPrefix = "balancer"

	// accessPrefix is where S3 writes.
	accessPrefix = "access/"
	// accessLogDays is how long the records of accesses are kept.
	accessLogDays = 90
)

// LogArgs describe a bucket of access logs.
type LogArgs struct {
	// Suffix, Name, Location, ForceDestroy, Keep and Options are those of the bucket.
	Suffix, Name string
	Location     component.Location
	ForceDestroy bool
	Keep         component.Keep
	Options      []pulumi.ResourceOption
	// Sources are the names of the buckets whose accesses are recorded; required.
	Sources []string
	// Balancers lets load balancers of the account and region write as well. Default false.
	Balancers bool
}

// NewLogs makes a bucket that S3 and load balancers write the records of accesses to. Both deliver under S3's own keys only, and S3 to
// no bucket with a lock (S3 user guide, server access logging; ELB user guide, enable access logs).
func NewLogs(scope *component.Scope, args LogArgs) (*Bucket, error) {
	return New(scope, Args{
		Suffix:         args.Suffix,
		Name:           args.Name,
		Location:       args.Location,
		OldVersionDays: 1,
		ForceDestroy:   args.ForceDestroy,
		Keep:           args.Keep,
		Options:        args.Options,
		Rules:          args.rules(),
		Statements:     args.statements(),
	})
}

func (a LogArgs) rules() []Rule {
	rules := []Rule{{Prefix: accessPrefix, ExpireDays: accessLogDays}}
	if a.Balancers {
		rules = append(rules, Rule{Prefix: BalancerPrefix + "/", ExpireDays: accessLogDays})
	}
	return rules
}

func (a LogArgs) statements() []iamdoc.Statement {
	var sources []any
	for _, name := range a.Sources {
		sources = append(sources, a.Location.BucketARN(name))
	}
	statements := []iamdoc.Statement{{
		Sid:       "DeliverAccessLogs",
		Principal: iamdoc.Service("logging.s3.amazonaws.com"),
		Action:    []string{"s3:PutObject"},
		Resource:  []any{a.Location.BucketARN(a.Name + "/" + accessPrefix + "*")},
		Condition: iamdoc.Condition{
			"ArnLike":      {"aws:SourceArn": sources},
			"StringEquals": {"aws:SourceAccount": a.Location.Account},
		},
	}}
	if !a.Balancers {
		return statements
	}
	return append(statements, iamdoc.Statement{
		// in all regions (ELB user guide, document history, September 10, 2025)
		Sid:       "DeliverBalancerLogs",
		Principal: iamdoc.Service("logdelivery.elasticloadbalancing.amazonaws.com"),
		Action:    []string{"s3:PutObject"},
		Resource:  []any{a.Location.BucketARN(a.Name + "/" + BalancerPrefix + "/AWSLogs/" + a.Location.Account + "/*")},
		Condition: iamdoc.Condition{"ArnLike": {"aws:SourceArn": a.Location.ARN("elasticloadbalancing", "loadbalancer/*")}},
	})
}

// RecordAccesses has the accesses to a bucket recorded in a bucket of access logs, below a folder where it is not the only one.
func RecordAccesses(
	scope *component.Scope, suffix string, source *Bucket, target pulumi.StringInput, folder string, options ...pulumi.ResourceOption,
) error {
	if _, err := s3.NewBucketLoggingV2(scope.Ctx, scope.Child(suffix+"-logging"), &s3.BucketLoggingV2Args{
		Bucket:       source.Bucket.Bucket,
		TargetBucket: target,
		TargetPrefix: pulumi.String(accessPrefix + folder),
	}, scope.Options(options...)...); err != nil {
		return fmt.Errorf("record accesses of %s: %w", suffix, err)
	}
	return nil
}

// Ready is the bucket's name once its encryption and its policy are there: services refuse it before.
func (b *Bucket) Ready() pulumi.StringOutput {
	return component.After(b.Bucket.Bucket, b.encryption, b.Policy)
}
