package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/storage/database"
)

// export gives out what other stacks and people may rely on; docs/outputs.md describes it. Nothing secret is among it.
func (s *stack) export() error {
	onDemand, spot := s.settings.Vcpus()
	outputs := pulumi.Map{
		"url":                     s.webserver.URL,
		"loadBalancerDnsName":     s.webserver.DNSName,
		"clusterName":             pulumi.String(s.cluster.Ref.Name),
		"webserverServiceName":    s.webserver.ServiceName,
		"daemonServiceName":       s.daemon.ServiceName,
		"runTaskDefinitionArn":    s.launcher.TaskDefinitionArn,
		"bucketName":              s.bucket.Name,
		"logGroups":               s.logs.Names(),
		"databaseEndpoint":        pulumi.Sprintf("%s:%d", s.database.Address, database.Port),
		"databaseName":            pulumi.String(s.database.DatabaseName),
		"databaseSecurityGroupId": s.database.SecurityGroupID,
		"parameterPath":           pulumi.String(s.secrets.Path),
		"vpcId":                   s.network.VpcID,
		"privateSubnetIds":        s.network.PrivateSubnetIDs,
		"runSecurityGroupId":      s.launcher.SecurityGroupID,
		"fargateVcpus":            pulumi.Map{"onDemand": pulumi.Float64(onDemand), "spot": pulumi.Float64(spot)},
	}
	if s.gateway != nil {
		outputs["gatewayTaskDefinitionArn"] = s.gateway.TaskDefinitionArn
		outputs["gatewaySecurityGroupId"] = s.gateway.SecurityGroupID
		outputs["databaseLocalPort"] = pulumi.Int(s.settings.Database.Connection.LocalPort)
	}
	if s.alerts != nil {
		outputs["alertsTopicArn"] = s.alerts.TopicArn
		outputs["dashboardName"] = pulumi.String(s.alarms.DashboardName)
	}
	if s.audit != nil {
		outputs["trailArn"] = s.audit.TrailArn
	}
	if s.bucket.ReplicaName != "" {
		outputs["replicaBucketName"] = pulumi.String(s.bucket.ReplicaName)
	}
	for name, value := range outputs {
		s.ctx.Export(name, value)
	}
	return nil
}
