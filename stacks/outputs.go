package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/publication"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/outputs"
)

// export gives out what other stacks and people may rely on; docs/outputs.md describes it. Nothing secret is among it.
func (s *stack) export() error {
	onDemand, spot := s.settings.Vcpus()
	values := pulumi.Map{
		"outputsVersion":          pulumi.Int(outputs.Version),
		"url":                     s.webserver.URL,
		"loadBalancerDnsName":     s.webserver.DNSName,
		"clusterName":             pulumi.String(s.cluster.Ref.Name),
		"webserverServiceName":    s.webserver.ServiceName,
		"daemonServiceName":       s.daemon.ServiceName,
		"runTaskDefinitionArn":    s.launcher.TaskDefinitionArn,
		"bucketName":              s.bucket.Name,
		"bucketKeyArn":            s.bucket.KeyArn,
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
		values["gatewayTaskDefinitionArn"] = s.gateway.TaskDefinitionArn
		values["gatewaySecurityGroupId"] = s.gateway.SecurityGroupID
		values["databaseLocalPort"] = pulumi.Int(s.settings.Database.Connection.LocalPort)
	}
	if s.alerts != nil {
		values["alertsTopicArn"] = s.alerts.TopicArn
		values["dashboardName"] = pulumi.String(s.alarms.DashboardName)
	}
	if s.audit != nil {
		values["trailArn"] = s.audit.TrailArn
	}
	if s.bucket.ReplicaName != "" {
		values["replicaBucketName"] = pulumi.String(s.bucket.ReplicaName)
	}
	for name, value := range values {
		s.ctx.Export(name, value)
	}
	_, err := publication.New(s.ctx, "outputs", &publication.Args{
		Path: s.names.ParameterPath() + "/outputs", Values: values,
	}, s.withAws())
	return err
}
