package grants

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
)

// Sleeping is what the function of the hours takes away and brings back.
type Sleeping struct {
	// Cluster is the cluster's name, Services the names of its services, Database the identifier of the instance.
	Cluster  string
	Services []string
	Database string
	// Memory and Until are the names of the parameters.
	Memory, Until string
	// LogGroupArn is the log group that it writes to.
	LogGroupArn pulumi.StringInput
}

// Hours is what the function of the hours calls: it scales the services, looks which tasks still run, stops and starts the
// database, and keeps a parameter.
func Hours(here iamdoc.Scope, of Sleeping) []iamdoc.Statement {
	inCluster := iamdoc.Condition{"ArnEquals": {"ecs:cluster": here.ARN("ecs", "cluster/"+of.Cluster)}}
	var services []any
	for _, name := range of.Services {
		services = append(services, here.ARN("ecs", "service/"+of.Cluster+"/"+name))
	}
	return []iamdoc.Statement{
		{Sid: "ScaleServices", Action: []string{"ecs:DescribeServices", "ecs:UpdateService"}, Resource: services},
		{
			Sid: "ListTasks", Action: []string{"ecs:ListTasks"},
			Resource:  []any{here.ARN("ecs", "container-instance/"+of.Cluster+"/*")},
			Condition: inCluster,
		},
		{
			Sid: "LookAtTasks", Action: []string{"ecs:DescribeTasks"}, Resource: []any{here.ARN("ecs", "task/"+of.Cluster+"/*")},
			Condition: inCluster,
		},
		{
			Sid: "StopTheDatabase", Action: []string{"rds:DescribeDBInstances", "rds:StartDBInstance", "rds:StopDBInstance"},
			Resource: []any{here.ARN("rds", "db:"+of.Database)},
		},
		{
			Sid: "ReadParameters", Action: []string{"ssm:GetParameters"},
			Resource: []any{here.ARN("ssm", "parameter"+of.Memory), here.ARN("ssm", "parameter"+of.Until)},
		},
		{Sid: "Remember", Action: []string{"ssm:PutParameter"}, Resource: []any{here.ARN("ssm", "parameter"+of.Memory)}},
		{
			Sid: "WriteLog", Action: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resource: []any{pulumi.Sprintf("%s:log-stream:*", of.LogGroupArn)},
		},
	}
}
