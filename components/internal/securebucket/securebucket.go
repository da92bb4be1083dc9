// Package securebucket makes a bucket with all that belongs to one: versions, no public access, no ACLs, encryption, a lifecycle,
// and a policy that refuses plain HTTP, old TLS and foreign keys.
package securebucket

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/iamdoc"
)

// incompleteDays is the age at which the parts of an upload that nobody finished are deleted.
const incompleteDays = 7

// Args describe one bucket.
type Args struct {
	// Suffix is the bucket's logical name and begins those of what belongs to it; required.
	Suffix string
	// Name is the bucket's physical name; required.
	Name string
	// Location is where the bucket is; required.
	Location component.Location
	// KeyArn is the key of its objects. Nil: S3's own keys.
	KeyArn pulumi.StringInput
	// OldVersionDays is how long replaced and deleted objects can be restored; required.
	OldVersionDays int
	// Rules say what becomes of objects by their prefix. Default: they stay as they are.
	Rules []Rule
	// Statements let others in, such as a service that delivers logs. Default: only IAM policies do.
	Statements []iamdoc.Statement
	// LockDays is for how many days nobody deletes a version of an object who may not bypass governance retention. Neither
	// access logs of S3 nor of load balancers are delivered to such a bucket. Default 0: no lock.
	LockDays int
	// ForceDestroy lets the bucket be deleted with everything in it. Default false.
	ForceDestroy bool
	// Keep says whether the bucket is held on to.
	Keep component.Keep
	// Options are further options, such as the provider of another region.
	Options []pulumi.ResourceOption
}

// Rule is what becomes of the objects under a prefix.
type Rule struct {
	// Prefix is the beginning of the keys, such as dagster/io/; required, unique.
	Prefix string
	// ExpireDays is the age at which objects are deleted. Default 0: never.
	ExpireDays int
	// TierDays is the age at which objects move to infrequent access, 30 at least. Default 0: never.
	TierDays int
	// OldVersionDays is how long their replaced and deleted versions can be restored, where that is shorter than in the
	// bucket: S3 takes the shorter of two rules. Default 0: as in the bucket.
	OldVersionDays int
}

// Bucket is a bucket and what has to be there before it is used.
type Bucket struct {
	// Bucket is the bucket itself.
	Bucket *s3.BucketV2
	// Versioning must be on before anything is replicated.
	Versioning *s3.BucketVersioningV2
	// encryption must be set before anything is written.
	encryption *s3.BucketServerSideEncryptionConfigurationV2
	// Policy must be set before a service writes.
	Policy *s3.BucketPolicy
}

type builder struct {
	*component.Scope
	args Args
	made *Bucket

	block *s3.BucketPublicAccessBlock
}

// New makes the bucket under the component of the scope.
func New(scope *component.Scope, args Args) (*Bucket, error) {
	inputs := &s3.BucketV2Args{Bucket: pulumi.String(args.Name), ForceDestroy: pulumi.Bool(args.ForceDestroy)}
	if args.LockDays > 0 {
		inputs.ObjectLockEnabled = pulumi.Bool(true)
	}
	bucket, err := s3.NewBucketV2(scope.Ctx, scope.Child(args.Suffix), inputs, scope.Stateful(args.Keep, args.Options...)...)
	if err != nil {
		return nil, fmt.Errorf("create bucket %s: %w", args.Name, err)
	}
	b := &builder{Scope: scope, args: args, made: &Bucket{Bucket: bucket}}
	for _, step := range []func() error{b.close, b.version, b.lock, b.encrypt, b.age, b.guard} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("set up bucket %s: %w", args.Name, err)
		}
	}
	return b.made, nil
}

// close keeps everything from becoming public and turns ACLs off.
func (b *builder) close() (err error) {
	if b.block, err = s3.NewBucketPublicAccessBlock(b.Ctx, b.Child(b.args.Suffix+"-public-access"), &s3.BucketPublicAccessBlockArgs{
		Bucket:                b.made.Bucket.Bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, b.Options(b.args.Options...)...); err != nil {
		return fmt.Errorf("block public access: %w", err)
	}
	if _, err := s3.NewBucketOwnershipControls(b.Ctx, b.Child(b.args.Suffix+"-ownership"), &s3.BucketOwnershipControlsArgs{
		Bucket: b.made.Bucket.Bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.Options(b.args.Options...)...); err != nil {
		return fmt.Errorf("turn ACLs off: %w", err)
	}
	return nil
}

func (b *builder) version() (err error) {
	b.made.Versioning, err = s3.NewBucketVersioningV2(b.Ctx, b.Child(b.args.Suffix+"-versioning"), &s3.BucketVersioningV2Args{
		Bucket:                  b.made.Bucket.Bucket,
		VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, b.Options(b.args.Options...)...)
	if err != nil {
		return fmt.Errorf("keep versions: %w", err)
	}
	return nil
}

func (b *builder) lock() error {
	if b.args.LockDays == 0 {
		return nil
	}
	if _, err := s3.NewBucketObjectLockConfigurationV2(b.Ctx, b.Child(b.args.Suffix+"-lock"), &s3.BucketObjectLockConfigurationV2Args{
		Bucket: b.made.Bucket.Bucket,
		Rule: &s3.BucketObjectLockConfigurationV2RuleArgs{
			DefaultRetention: &s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
				Mode: pulumi.String("GOVERNANCE"), Days: pulumi.Int(b.args.LockDays),
			},
		},
		// a lock wants versions (S3 user guide, Object Lock considerations)
	}, b.Options(append([]pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{b.made.Versioning})}, b.args.Options...)...)...); err != nil {
		return fmt.Errorf("lock objects: %w", err)
	}
	return nil
}

func (b *builder) encrypt() (err error) {
	algorithm := &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
		SseAlgorithm: pulumi.String("AES256"),
	}
	if b.args.KeyArn != nil {
		algorithm.SseAlgorithm = pulumi.String("aws:kms")
		algorithm.KmsMasterKeyId = b.args.KeyArn.ToStringOutput()
	}
	b.made.encryption, err = s3.NewBucketServerSideEncryptionConfigurationV2(b.Ctx, b.Child(b.args.Suffix+"-encryption"),
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: b.made.Bucket.Bucket,
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
				&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
					ApplyServerSideEncryptionByDefault: algorithm,
					// one key per bucket and hour in place of one call to KMS per object
					BucketKeyEnabled: pulumi.Bool(b.args.KeyArn != nil),
				},
			},
		}, b.Options(b.args.Options...)...)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	return nil
}

// age says what becomes of objects with time: by prefix, and old versions and unfinished uploads everywhere.
func (b *builder) age() error {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{
		&s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("old-versions"),
			Status: pulumi.String("Enabled"),
			Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			NoncurrentVersionExpiration: &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(b.args.OldVersionDays),
			},
			AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(incompleteDays),
			},
		},
	}
	for _, rule := range b.args.Rules {
		rules = append(rules, lifecycleRule(rule))
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(b.Ctx, b.Child(b.args.Suffix+"-lifecycle"),
		&s3.BucketLifecycleConfigurationV2Args{Bucket: b.made.Bucket.Bucket, Rules: rules},
		// rules on old versions want versioning (S3 user guide, lifecycle)
		b.Options(append([]pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{b.made.Versioning})}, b.args.Options...)...)...,
	); err != nil {
		return fmt.Errorf("set lifecycle: %w", err)
	}
	return nil
}

func lifecycleRule(rule Rule) *s3.BucketLifecycleConfigurationV2RuleArgs {
	args := &s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String(strings.ReplaceAll(strings.Trim(rule.Prefix, "/"), "/", "-")),
		Status: pulumi.String("Enabled"),
		Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(rule.Prefix)},
	}
	if rule.ExpireDays > 0 {
		args.Expiration = &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(rule.ExpireDays)}
	}
	if rule.OldVersionDays > 0 {
		args.NoncurrentVersionExpiration = &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(rule.OldVersionDays),
		}
	}
	if rule.TierDays > 0 {
		args.Transitions = s3.BucketLifecycleConfigurationV2RuleTransitionArray{
			&s3.BucketLifecycleConfigurationV2RuleTransitionArgs{
				Days: pulumi.Int(rule.TierDays), StorageClass: pulumi.String("STANDARD_IA"),
			},
		}
	}
	return args
}

// guard lets nobody in by itself (but for the spec's statements): it refuses what IAM policies must not allow.
func (b *builder) guard() error {
	bucketArn, objects := b.args.Location.BucketARN(b.args.Name), b.args.Location.BucketARN(b.args.Name+"/*")
	statements := append([]iamdoc.Statement{
		{
			Sid: "TlsOnly", Effect: iamdoc.Deny, Principal: iamdoc.Everyone(),
			Action: []string{"s3:*"}, Resource: []any{bucketArn, objects},
			Condition: iamdoc.Condition{"Bool": {"aws:SecureTransport": "false"}},
		},
		{
			Sid: "NoOldTls", Effect: iamdoc.Deny, Principal: iamdoc.Everyone(),
			Action: []string{"s3:*"}, Resource: []any{bucketArn, objects},
			Condition: iamdoc.Condition{"NumericLessThan": {"s3:TlsVersion": "1.2"}},
		},
	}, b.args.Statements...)
	if b.args.KeyArn != nil {
		statements = append(statements, ownKeyOnly(objects, b.args.KeyArn)...)
	}
	policy, err := iamdoc.Render("bucket "+b.args.Name, statements...)
	if err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	b.made.Policy, err = s3.NewBucketPolicy(b.Ctx, b.Child(b.args.Suffix+"-policy"), &s3.BucketPolicyArgs{
		Bucket: b.made.Bucket.Bucket,
		Policy: policy,
	}, b.Options(append([]pulumi.ResourceOption{
		// S3 refuses two of these changes at once (OperationAborted)
		pulumi.DependsOn([]pulumi.Resource{b.block}),
	}, b.args.Options...)...)...)
	if err != nil {
		return fmt.Errorf("set policy: %w", err)
	}
	return nil
}

// ownKeyOnly refuses writers that ask for another encryption or another key. Writers that ask for none get the bucket's,
// so only requests that carry the header are judged: a negated condition alone would also match those without it.
func ownKeyOnly(objects string, keyArn pulumi.StringInput) []iamdoc.Statement {
	statement := func(sid, header string, value any) iamdoc.Statement {
		return iamdoc.Statement{
			Sid: sid, Effect: iamdoc.Deny, Principal: iamdoc.Everyone(),
			Action: []string{"s3:PutObject"}, Resource: []any{objects},
			Condition: iamdoc.Condition{"Null": {header: "false"}, "StringNotEquals": {header: value}},
		}
	}
	return []iamdoc.Statement{
		statement("KmsOnly", "s3:x-amz-server-side-encryption", "aws:kms"),
		statement("OwnKeyOnly", "s3:x-amz-server-side-encryption-aws-kms-key-id", keyArn),
	}
}
