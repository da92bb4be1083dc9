package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/securebucket"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/internal/iamdoc"
)

// createReplica makes the copy's bucket under a key of its region, and the bucket of its access logs.
func (b *builder) createReplica() (err error) {
	replica := b.args.Replica
	elsewhere := []pulumi.ResourceOption{pulumi.Provider(replica.Provider)}
	b.replicaKey, err = key.New(b.Scope, key.Args{
		Suffix:      "replica-key",
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
	b.replica, err = securebucket.New(b.Scope, securebucket.Args{
		Suffix:         "replica",
		Name:           b.out.ReplicaName,
		Location:       replica.Location,
		KeyArn:         b.replicaKey.Arn,
		OldVersionDays: b.args.oldVersionDays(),
		Rules:          b.args.Lifecycle,
		ForceDestroy:   b.args.ForceDestroy,
		Keep:           b.args.Keep,
		Options:        elsewhere,
	})
	if err != nil {
		return err
	}
	logs, err := securebucket.NewLogs(b.Scope, securebucket.LogArgs{
		Suffix:       "replica-logs",
		Name:         b.args.Name + "-logs-2",
		Location:     replica.Location,
		ForceDestroy: b.args.ForceDestroy,
		Keep:         b.args.Keep,
		Options:      elsewhere,
		Sources:      []string{b.out.ReplicaName},
	})
	if err != nil {
		return err
	}
	return securebucket.RecordAccesses(b.Scope, "replica", b.replica, logs.Ready(), "", elsewhere...)
}

// createReplicationRole lets S3 read every version here and write it there (S3 user guide, setting up permissions for
// live replication, and replicating encrypted objects).
func (b *builder) createReplicationRole() (err error) {
	b.replicator, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "replication",
		Name:        b.args.NamePrefix + "-replication",
		Description: "Copies bucket " + b.args.Name,
		Trust:       servicerole.TrustAny("s3.amazonaws.com"),
		Statements:  b.replicationRights(),
	})
	return err
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
		Bucket: b.data.Bucket.Bucket,
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
				Bucket:       b.replica.Bucket.Arn,
				StorageClass: pulumi.String("STANDARD"),
				EncryptionConfiguration: &s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{
					ReplicaKmsKeyId: b.replicaKey.Arn,
				},
			},
		}},
		// both buckets must keep versions before (S3 user guide, requirements for replication), and what is written
		// before the role has its rights fails to be copied for good
	}, b.Options(pulumi.DependsOn([]pulumi.Resource{b.data.Versioning, b.replica.Versioning, b.replicator.Policy}))...)
	if err != nil {
		return fmt.Errorf("replicate to %s: %w", b.args.Replica.Location.Region, err)
	}
	return nil
}
