package bucket

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

// spec is one bucket with all that belongs to it: versions, no public access, no ACLs, encryption, lifecycle, policy.
type spec struct {
	suffix         string
	name           string
	location       component.Location
	keyArn         pulumi.StringInput // nil: S3's own keys
	oldVersionDays int
	rules          []Rule
	statements     []iamdoc.Statement
	options        []pulumi.ResourceOption
}

// store is what was made of a spec.
type store struct {
	bucket     *s3.BucketV2
	versioning *s3.BucketVersioningV2
	encryption *s3.BucketServerSideEncryptionConfigurationV2
	policy     *s3.BucketPolicy
}

func (b *builder) createStore(s spec) (*store, error) {
	bucket, err := s3.NewBucketV2(b.Ctx, b.Child(s.suffix), &s3.BucketV2Args{
		Bucket:       pulumi.String(s.name),
		ForceDestroy: pulumi.Bool(b.args.ForceDestroy),
	}, b.Stateful(b.args.Keep, s.options...)...)
	if err != nil {
		return nil, fmt.Errorf("create bucket %s: %w", s.name, err)
	}
	made := &store{bucket: bucket}
	for _, step := range []func(spec, *store) error{b.closeStore, b.versionStore, b.encryptStore, b.ageStore, b.guardStore} {
		if err := step(s, made); err != nil {
			return nil, fmt.Errorf("set up bucket %s: %w", s.name, err)
		}
	}
	return made, nil
}

// closeStore keeps everything from becoming public and turns ACLs off.
func (b *builder) closeStore(s spec, made *store) error {
	if _, err := s3.NewBucketPublicAccessBlock(b.Ctx, b.Child(s.suffix+"-public-access"), &s3.BucketPublicAccessBlockArgs{
		Bucket:                made.bucket.Bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, b.Options(s.options...)...); err != nil {
		return fmt.Errorf("block public access: %w", err)
	}
	if _, err := s3.NewBucketOwnershipControls(b.Ctx, b.Child(s.suffix+"-ownership"), &s3.BucketOwnershipControlsArgs{
		Bucket: made.bucket.Bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.Options(s.options...)...); err != nil {
		return fmt.Errorf("turn ACLs off: %w", err)
	}
	return nil
}

func (b *builder) versionStore(s spec, made *store) (err error) {
	made.versioning, err = s3.NewBucketVersioningV2(b.Ctx, b.Child(s.suffix+"-versioning"), &s3.BucketVersioningV2Args{
		Bucket:                  made.bucket.Bucket,
		VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, b.Options(s.options...)...)
	if err != nil {
		return fmt.Errorf("keep versions: %w", err)
	}
	return nil
}

func (b *builder) encryptStore(s spec, made *store) (err error) {
	algorithm := &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
		SseAlgorithm: pulumi.String("AES256"),
	}
	if s.keyArn != nil {
		algorithm.SseAlgorithm = pulumi.String("aws:kms")
		algorithm.KmsMasterKeyId = s.keyArn.ToStringOutput()
	}
	made.encryption, err = s3.NewBucketServerSideEncryptionConfigurationV2(b.Ctx, b.Child(s.suffix+"-encryption"),
		&s3.BucketServerSideEncryptionConfigurationV2Args{
			Bucket: made.bucket.Bucket,
			Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{
				&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
					ApplyServerSideEncryptionByDefault: algorithm,
					// one key per bucket and hour in place of one call to KMS per object
					BucketKeyEnabled: pulumi.Bool(s.keyArn != nil),
				},
			},
		}, b.Options(s.options...)...)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	return nil
}

// ageStore says what becomes of objects with time: by prefix, and old versions and unfinished uploads everywhere.
func (b *builder) ageStore(s spec, made *store) error {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{
		&s3.BucketLifecycleConfigurationV2RuleArgs{
			Id:     pulumi.String("old-versions"),
			Status: pulumi.String("Enabled"),
			Filter: &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			NoncurrentVersionExpiration: &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
				NoncurrentDays: pulumi.Int(s.oldVersionDays),
			},
			AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
				DaysAfterInitiation: pulumi.Int(incompleteDays),
			},
		},
	}
	for _, rule := range s.rules {
		rules = append(rules, lifecycleRule(rule))
	}
	if _, err := s3.NewBucketLifecycleConfigurationV2(b.Ctx, b.Child(s.suffix+"-lifecycle"),
		&s3.BucketLifecycleConfigurationV2Args{Bucket: made.bucket.Bucket, Rules: rules},
		// rules on old versions want versioning (S3 user guide, lifecycle)
		b.Options(append([]pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{made.versioning})}, s.options...)...)...,
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
	if rule.TierDays > 0 {
		args.Transitions = s3.BucketLifecycleConfigurationV2RuleTransitionArray{
			&s3.BucketLifecycleConfigurationV2RuleTransitionArgs{
				Days: pulumi.Int(rule.TierDays), StorageClass: pulumi.String("STANDARD_IA"),
			},
		}
	}
	return args
}

// guardStore lets nobody in by itself (but for the spec's statements): it refuses what IAM policies must not allow.
func (b *builder) guardStore(s spec, made *store) error {
	bucketArn, objects := s.location.BucketARN(s.name), s.location.BucketARN(s.name+"/*")
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
	}, s.statements...)
	if s.keyArn != nil {
		statements = append(statements, ownKeyOnly(objects, s.keyArn)...)
	}
	policy, err := iamdoc.Render("bucket "+s.name, statements...)
	if err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	made.policy, err = s3.NewBucketPolicy(b.Ctx, b.Child(s.suffix+"-policy"), &s3.BucketPolicyArgs{
		Bucket: made.bucket.Bucket,
		Policy: policy,
	}, b.Options(s.options...)...)
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
