package database

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/password"
)

// Times of day in UTC: the quiet hours of America's west.
const (
	backupWindow      = "09:00-10:00"
	maintenanceWindow = "sun:10:30-sun:11:30"
)

// monitoringSeconds is the interval of the operating system's metrics.
const monitoringSeconds = 60

// insightsDays is how long performance insights are kept: the longest without cost.
const insightsDays = 7

func (b *builder) createInstance() (err error) {
	if b.master, err = password.New(b.Scope, "administrator", "1"); err != nil {
		return err
	}
	if err := b.nameFinalSnapshot(); err != nil {
		return err
	}
	args := &rds.InstanceArgs{
		Identifier:    pulumi.String(b.args.Identifier),
		Engine:        pulumi.String("postgres"),
		EngineVersion: pulumi.String(b.args.EngineVersion),
		InstanceClass: pulumi.String(b.args.Size.InstanceClass),
		DbName:        pulumi.String(b.args.name()),
		Port:          pulumi.Int(port),
		Username:      pulumi.String(masterUser),
		Password:      b.master,

		AutoMinorVersionUpgrade: pulumi.Bool(true),
		// RDS wants both said, the new version and that it may be a major one
		AllowMajorVersionUpgrade: pulumi.Bool(true),
		// what follows in the same update relies on it: runs on the larger instance, the old parameter group on being left
		ApplyImmediately:  pulumi.Bool(true),
		MaintenanceWindow: pulumi.String(maintenanceWindow),
		CaCertIdentifier:  pulumi.String("rds-ca-rsa2048-g1"),

		DbSubnetGroupName:   b.subnets.Name,
		VpcSecurityGroupIds: pulumi.StringArray{b.SecurityGroupID},
		PubliclyAccessible:  pulumi.Bool(false),
		MultiAz:             pulumi.Bool(b.args.Size.MultiAz),
		ParameterGroupName:  b.parameters.Name,
		// a second way in beside the passwords, for people
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
	}
	b.describeStorage(args)
	b.describeBackup(args)
	b.describeWatch(args)
	checked, err := b.Checked("instance", b.checkInstance)
	if err != nil {
		return err
	}
	named, err := b.BeforeCreate("instance-final-snapshot", b.refuseTakenSnapshot)
	if err != nil {
		return err
	}
	b.instance, err = rds.NewInstance(b.Ctx, b.Child("instance"), args,
		// RDS makes missing log groups itself, without retention and key (RDS user guide, publishing logs), and refuses a
		// monitoring role that has no rights yet
		b.Stateful(b.args.Protection.Keep, pulumi.DependsOn(append(b.logs, b.monitorPolicy)), checked, named)...)
	if err != nil {
		return fmt.Errorf("create instance %s: %w", b.args.Identifier, err)
	}
	return nil
}

func (b *builder) describeStorage(args *rds.InstanceArgs) {
	args.StorageType = pulumi.String("gp3")
	args.AllocatedStorage = pulumi.Int(b.args.Size.StorageGiB)
	if b.args.Size.MaxStorageGiB > 0 {
		args.MaxAllocatedStorage = pulumi.Int(b.args.Size.MaxStorageGiB)
	}
	args.StorageEncrypted = pulumi.Bool(true)
	args.KmsKeyId = b.key.Arn
}

func (b *builder) describeBackup(args *rds.InstanceArgs) {
	protection := b.args.Protection
	args.BackupRetentionPeriod = pulumi.Int(b.args.Backup.Days)
	args.BackupWindow = pulumi.String(backupWindow)
	args.CopyTagsToSnapshot = pulumi.Bool(true)
	args.DeletionProtection = pulumi.Bool(protection.DeletionProtection)
	args.SkipFinalSnapshot = pulumi.Bool(!protection.FinalSnapshot)
	if protection.FinalSnapshot {
		args.FinalSnapshotIdentifier = b.finalSnapshot
	}
	// backups outlive the instance where a last snapshot is wanted
	args.DeleteAutomatedBackups = pulumi.Bool(!protection.FinalSnapshot)
}

func (b *builder) describeWatch(args *rds.InstanceArgs) {
	args.EnabledCloudwatchLogsExports = pulumi.ToStringArray(exportedLogs)
	args.MonitoringInterval = pulumi.Int(monitoringSeconds)
	args.MonitoringRoleArn = b.monitor.Arn
	args.PerformanceInsightsEnabled = pulumi.Bool(true)
	args.PerformanceInsightsKmsKeyId = b.key.Arn
	args.PerformanceInsightsRetentionPeriod = pulumi.Int(insightsDays)
}

// replicateBackups copies backups and transaction logs to the second region under a key of that region.
func (b *builder) replicateBackups() error {
	replica := b.args.Backup.Replica
	if replica == nil {
		return nil
	}
	elsewhere := pulumi.Provider(replica.Provider)
	copyKey, err := key.New(b.Scope, key.Args{
		Suffix:      "replica-key",
		Alias:       b.args.Identifier + "-database-replica",
		Description: "Copies of the backups of database " + b.args.Identifier,
		Location:    replica.Location,
		Keep:        b.args.Protection.Keep,
		// replicated backups stay for their days when replication stops (RDS user guide, stopping automated backup replication)
		Outlives: true,
		Options:  []pulumi.ResourceOption{elsewhere},
	})
	if err != nil {
		return err
	}
	if _, err := rds.NewInstanceAutomatedBackupsReplication(b.Ctx, b.Child("backup-replication"),
		&rds.InstanceAutomatedBackupsReplicationArgs{
			SourceDbInstanceArn: b.instance.Arn,
			KmsKeyId:            copyKey.Arn,
			RetentionPeriod:     pulumi.Int(b.args.Backup.Days),
			// backups are replicated once: a second replication is refused while the first runs
		}, b.Options(elsewhere, pulumi.DeleteBeforeReplace(true))...); err != nil {
		return fmt.Errorf("replicate backups to %s: %w", replica.Location.Region, err)
	}
	return nil
}
