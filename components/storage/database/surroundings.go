package database

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/internal/traffic"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/rules"
)

// exportedLogs are the logs that RDS for PostgreSQL can publish.
var exportedLogs = []string{"postgresql", "upgrade"}

// logGroup is where RDS publishes a log.
func (b *builder) logGroup(log string) string {
	return "/aws/rds/instance/" + b.args.Identifier + "/" + log
}

// createKey makes the key of the disk, the snapshots, the performance insights and the logs.
func (b *builder) createKey() (err error) {
	groups := make([]string, 0, len(exportedLogs))
	for _, log := range exportedLogs {
		groups = append(groups, b.logGroup(log))
	}
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "key",
		Alias:       b.args.Identifier + "-database",
		Description: "Database " + b.args.Identifier,
		Location:    b.args.Location,
		Statements:  []iamdoc.Statement{key.ForLogs(b.args.Location, groups...)},
		Keep:        b.args.Protection.Keep,
		Outlives:    b.args.Protection.FinalSnapshot,
	})
	return err
}

// createSecurityGroup makes a group that opens no connections itself. It lets clients in and the gateway; workloads add the
// rules for themselves.
func (b *builder) createSecurityGroup() error {
	var from []traffic.Peer
	if way := b.args.Connection.Gateway; way != nil {
		from = append(from, traffic.Peer{
			Name: "gateway", Reason: "The way in for who deploys", Port: port, Group: way.SecurityGroupID, Both: true,
		})
	}
	for _, client := range b.args.Clients {
		from = append(from, client.peer())
	}
	group, err := traffic.New(b.Scope, traffic.Args{
		Suffix:      "instance",
		Name:        b.args.Identifier + "-database",
		Description: "Database " + b.args.Identifier,
		VpcID:       b.args.Network.VpcID,
		ReachedBy:   from,
	})
	if err != nil {
		return err
	}
	b.SecurityGroupID, b.admitted = group.ID, group.Rules
	return nil
}

// peer is the client as the other end of traffic.
func (c Client) peer() traffic.Peer {
	peer := traffic.Peer{Name: string(c), Reason: "Named client of the database", Port: port}
	if rules.IsSecurityGroup(string(c)) {
		peer.Group = pulumi.String(c)
	} else {
		peer.Cidr = string(c)
	}
	return peer
}

func (b *builder) createSubnetGroup() (err error) {
	checked, err := b.Checked("subnets", refuseSubnets)
	if err != nil {
		return err
	}
	b.subnets, err = rds.NewSubnetGroup(b.Ctx, b.Child("subnets"), &rds.SubnetGroupArgs{
		Name:        pulumi.String(b.args.Identifier),
		Description: pulumi.String("Database " + b.args.Identifier),
		SubnetIds:   b.args.Network.SubnetIDs,
	}, b.Options(checked)...)
	if err != nil {
		return fmt.Errorf("create subnet group: %w", err)
	}
	return nil
}

func (b *builder) createLogGroups() error {
	for _, log := range exportedLogs {
		group, err := cloudwatch.NewLogGroup(b.Ctx, b.Child(log+"-log"), &cloudwatch.LogGroupArgs{
			Name:            pulumi.String(b.logGroup(log)),
			RetentionInDays: pulumi.Int(b.args.Logs.retentionDays()),
			KmsKeyId:        b.key.Arn,
		}, b.Stateful(b.args.Protection.Keep)...)
		if err != nil {
			return fmt.Errorf("create log group of %s: %w", log, err)
		}
		b.logs = append(b.logs, group)
	}
	return nil
}

// createMonitoringRole lets RDS publish the operating system's metrics with the policy that AWS keeps for it.
func (b *builder) createMonitoringRole() (err error) {
	b.monitor, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "monitoring",
		Name:        b.args.Identifier + "-database-monitoring",
		Description: "Publishes metrics of database " + b.args.Identifier,
		Trust:       servicerole.Trust("monitoring.rds.amazonaws.com", b.args.Location.Account),
	})
	if err != nil {
		return err
	}
	b.monitorPolicy, err = iam.NewRolePolicyAttachment(b.Ctx, b.Child("monitoring-policy"), &iam.RolePolicyAttachmentArgs{
		Role: b.monitor.Name,
		PolicyArn: pulumi.String("arn:" + b.args.Location.Partition +
			":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("attach policy to monitoring role: %w", err)
	}
	return nil
}
