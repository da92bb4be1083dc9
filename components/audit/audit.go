package audit

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/securebucket"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:audit:Audit"

// Kind ends the name of the log group.
const Kind = "trail"

const service = "cloudtrail.amazonaws.com"

// Audit is a trail.
type Audit struct {
	pulumi.ResourceState

	// TrailArn is the trail's ARN.
	TrailArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Audit
	args   *Args
	key    *kms.Key
	bucket *securebucket.Bucket
	role   *servicerole.Role
}

// New builds the trail.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Audit, error) {
	audit := &Audit{}
	scope, err := component.Open(ctx, TypeToken, name, audit, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Audit: audit, args: args}
	if err := scope.Run(b.createKey, b.createBucket, b.createRole, b.createTrail); err != nil {
		return nil, err
	}
	return audit, scope.Close(pulumi.Map{"trailArn": audit.TrailArn})
}

// name is the trail's, known before the trail is there: policies have its ARN.
func (b *builder) name() string { return b.args.Names.Base() }

func (b *builder) arn() string { return b.args.Location.ARN("cloudtrail", "trail/"+b.name()) }

func (b *builder) forTrail(operator string, more map[string]any) iamdoc.Condition {
	condition := iamdoc.Condition{"StringEquals": {"aws:SourceArn": b.arn()}}
	if more != nil {
		condition[operator] = more
	}
	return condition
}

// createKey makes the key of the log files (CloudTrail user guide, configure AWS KMS key policies for CloudTrail). Who may
// read them by IAM policies may do so by the account's delegation.
func (b *builder) createKey() (err error) {
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "key",
		Alias:       b.name() + "-trail",
		Description: "Trail " + b.name(),
		Location:    b.args.Location,
		Keep:        b.args.Keep,
		Statements: []iamdoc.Statement{
			{
				Sid: "EncryptLogFiles", Principal: iamdoc.Service(service), Action: []string{"kms:GenerateDataKey*"},
				Resource: []any{"*"}, // in a key policy "*" is this key, here and below
				Condition: b.forTrail("StringLike", map[string]any{
					"kms:EncryptionContext:aws:cloudtrail:arn": fmt.Sprintf("arn:%s:cloudtrail:*:%s:trail/*", b.args.Location.Partition, b.args.Location.Account),
				}),
			},
			{
				Sid: "LookAtKey", Principal: iamdoc.Service(service), Action: []string{"kms:DescribeKey"}, Resource: []any{"*"},
				Condition: b.forTrail("", nil),
			},
		},
	})
	return err
}

// createBucket makes the bucket (CloudTrail user guide, Amazon S3 bucket policy for CloudTrail). Its own encryption is S3's,
// since digest files are written so; CloudTrail names the key for the log files.
func (b *builder) createBucket() (err error) {
	name, location := b.args.BucketName, b.args.Location
	b.bucket, err = securebucket.New(b.Scope, securebucket.Args{
		Suffix:         "bucket",
		Name:           name,
		Location:       location,
		OldVersionDays: 1,
		LockDays:       b.args.RetentionDays,
		Rules:          []securebucket.Rule{{Prefix: "AWSLogs/", ExpireDays: b.args.RetentionDays}},
		ForceDestroy:   b.args.ForceDestroy,
		Keep:           b.args.Keep,
		Statements: []iamdoc.Statement{
			{
				Sid: "LookAtAcl", Principal: iamdoc.Service(service), Action: []string{"s3:GetBucketAcl"},
				Resource: []any{location.BucketARN(name)}, Condition: b.forTrail("", nil),
			},
			{
				Sid: "WriteLogFiles", Principal: iamdoc.Service(service), Action: []string{"s3:PutObject"},
				Resource: []any{location.BucketARN(name + "/AWSLogs/" + location.Account + "/*")},
				Condition: iamdoc.Condition{
					"StringEquals": {"aws:SourceArn": b.arn(), "s3:x-amz-acl": "bucket-owner-full-control"},
				},
			},
		},
	})
	if err != nil {
		return err
	}
	return securebucket.RecordAccesses(b.Scope, "bucket", b.bucket, b.args.AccessLogs, "trail/")
}

// createRole lets CloudTrail write to the log group (CloudTrail user guide, role policy document for CloudTrail to use
// CloudWatch Logs for monitoring).
func (b *builder) createRole() (err error) {
	location := b.args.Location
	stream := fmt.Sprintf("%s_CloudTrail_%s*", location.Account, location.Region)
	b.role, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      Kind,
		Name:        b.args.Names.Scoped(naming.RoleLimit, Kind),
		Description: "Writes the events of trail " + b.name(),
		Trust:       servicerole.TrustAny(service),
		Statements: []iamdoc.Statement{{
			Sid: "WriteEvents", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resource: []any{pulumi.Sprintf("%s:log-stream:%s", b.args.Log.Arn, stream)},
		}},
	})
	return err
}

func (b *builder) createTrail() error {
	objects := pulumi.StringArray{}
	for _, name := range b.args.Objects {
		objects = append(objects, pulumi.String(b.args.Location.BucketARN(name+"/")))
	}
	is := func(field, value string) cloudtrail.TrailAdvancedEventSelectorFieldSelectorInput {
		return cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{
			Field: pulumi.String(field), Equals: pulumi.ToStringArray([]string{value}),
		}
	}
	trail, err := cloudtrail.NewTrail(b.Ctx, b.Child("trail"), &cloudtrail.TrailArgs{
		Name:                       pulumi.String(b.name()),
		S3BucketName:               b.bucket.Ready(),
		KmsKeyId:                   b.key.Arn,
		CloudWatchLogsGroupArn:     pulumi.Sprintf("%s:*", b.args.Log.Arn),
		CloudWatchLogsRoleArn:      b.role.Arn,
		EnableLogFileValidation:    pulumi.Bool(true),
		IsMultiRegionTrail:         pulumi.Bool(true),
		IncludeGlobalServiceEvents: pulumi.Bool(true),
		AdvancedEventSelectors: cloudtrail.TrailAdvancedEventSelectorArray{
			cloudtrail.TrailAdvancedEventSelectorArgs{
				// the console's name, by which tools that look at accounts know it
				Name:           pulumi.String("Management events selector"),
				FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{is("eventCategory", "Management")},
			},
			cloudtrail.TrailAdvancedEventSelectorArgs{
				Name: pulumi.String("Objects"),
				FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
					is("eventCategory", "Data"), is("resources.type", "AWS::S3::Object"),
					cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: pulumi.String("resources.ARN"), StartsWiths: objects},
				},
			},
		},
		// CloudTrail tries both when the trail is made (API reference, CreateTrail: InsufficientS3BucketPolicyException and
		// InvalidCloudWatchLogsRoleArnException)
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{b.bucket.Policy, b.role.Policy}))...)
	if err != nil {
		return fmt.Errorf("create trail %s: %w", b.name(), err)
	}
	b.TrailArn = trail.Arn
	return nil
}
