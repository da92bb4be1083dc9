package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/key"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
)

// createReplica makes the copy's bucket under a key of its region.
func (b *builder) createReplica() (err error) {
	replica := b.args.Replica
	elsewhere := []pulumi.ResourceOption{pulumi.Provider(replica.Provider)}
	b.replicaKey, err = key.New(b.Scope, key.Args{
		Suffix:      "replica",
		Alias:       b.args.NamePrefix + "-data-replica",
		Description: "Copy of bucket " + b.args.Name,
		Location:    replica.Location,
		Keep:        b.args.Keep,
		Options:     elsewhere,
	})
	if err != nil {
		return err
	}
	b.out.ReplicaName = b.args.Name + "-replica"
	b.replica, err = b.createStore(spec{
		suffix:         "replica",
		name:           b.out.ReplicaName,
		location:       replica.Location,
		keyArn:         b.replicaKey.Arn,
		oldVersionDays: orDefault(b.args.OldVersionDays, defaultOldVersionDays),
		rules:          b.args.Lifecycle,
		options:        elsewhere,
	})
	return err
}

// createReplicationRole lets S3 read every version here and write it there (S3 user guide, setting up permissions for
// live replication, and replicating encrypted objects).
func (b *builder) createReplicationRole() error {
	trust, err := iamdoc.Render("trust of replication role", iamdoc.Statement{
		Sid:       "AssumedByService",
		Principal: iamdoc.Service("s3.amazonaws.com"),
		Action:    []string{"sts:AssumeRole"},
	})
	if err != nil {
		return fmt.Errorf("write trust policy of replication role: %w", err)
	}
	role, err := iam.NewRole(b.Ctx, b.Child("replication-role"), &iam.RoleArgs{
		Name:             pulumi.String(naming.Fit(b.args.NamePrefix+"-replication", naming.RoleLimit)),
		Description:      pulumi.String("Copies bucket " + b.args.Name),
		AssumeRolePolicy: trust,
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create replication role: %w", err)
	}
	policy, err := iamdoc.Render("replication role", b.replicationRights()...)
	if err != nil {
		return fmt.Errorf("write policy of replication role: %w", err)
	}
	rights, err := iam.NewRolePolicy(b.Ctx, b.Child("replication-policy"), &iam.RolePolicyArgs{
		Name:   pulumi.String("replicate"),
		Role:   role.Name,
		Policy: policy,
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create policy of replication role: %w", err)
	}
	b.replicator, b.replicatorRights = role, rights
	return nil
}

func (b *builder) replicationRights() []iamdoc.Statement {
	here, there := b.args.Location, b.args.Replica.Location
	return []iamdoc.Statement{
		{
			Sid:      "ReadConfiguration",
			Action:   []string{"s3:GetReplicationConfiguration", "s3:ListBucket"},
			Resource: []any{here.BucketARN(b.args.Name)},
		},
		{
			Sid: "ReadVersions",
			Action: []string{
				"s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging",
			},
			Resource: []any{here.BucketARN(b.args.Name + "/*")},
		},
		{
			Sid:      "WriteCopies",
			Action:   []string{"s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"},
			Resource: []any{there.BucketARN(b.out.ReplicaName + "/*")},
		},
		{
			Sid:       "Decrypt",
			Action:    []string{"kms:Decrypt"},
			Resource:  []any{b.key.Arn},
			Condition: iamdoc.Condition{"StringEquals": {"kms:ViaService": here.ServiceHost("s3")}},
		},
		{
			Sid:       "EncryptCopies",
			Action:    []string{"kms:Encrypt", "kms:GenerateDataKey"},
			Resource:  []any{b.replicaKey.Arn},
			Condition: iamdoc.Condition{"StringEquals": {"kms:ViaService": there.ServiceHost("s3")}},
		},
	}
}

func (b *builder) replicate() error {
	_, err := s3.NewBucketReplicationConfig(b.Ctx, b.Child("replication"), &s3.BucketReplicationConfigArgs{
		Bucket: b.data.bucket.Bucket,
		Role:   b.replicator.Arn,
		Rules: s3.BucketReplicationConfigRuleArray{&s3.BucketReplicationConfigRuleArgs{
			Id:     pulumi.String("everything"),
			Status: pulumi.String("Enabled"),
			Filter: &s3.BucketReplicationConfigRuleFilterArgs{Prefix: pulumi.String("")},
			DeleteMarkerReplication: &s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{
				Status: pulumi.String("Enabled"),
			},
			SourceSelectionCriteria: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
				SseKmsEncryptedObjects: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{
					Status: pulumi.String("Enabled"),
				},
			},
			Destination: &s3.BucketReplicationConfigRuleDestinationArgs{
				Bucket:       b.replica.bucket.Arn,
				StorageClass: pulumi.String("STANDARD"),
				EncryptionConfiguration: &s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
					ReplicaKmsKeyId: b.replicaKey.Arn,
				},
			},
		}},
		// both buckets must keep versions before (S3 user guide, requirements for replication), and what is written
		// before the role has its rights fails to be copied for good
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{b.data.versioning, b.replica.versioning, b.replicatorRights}))...)
	if err != nil {
		return fmt.Errorf("replicate to %s: %w", b.args.Replica.Location.Region, err)
	}
	return nil
}
