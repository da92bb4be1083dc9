package deployaccess

import "dagster-ecs/internal/iamdoc"

// boundary is the most that a role of the stack may do, whatever its policies say: what the processes of an installation
// do (package grants) and what the services do that take a role, within the stack.
func (s *stack) boundary() []iamdoc.Statement {
	var objects []any // the roles have nothing to do with access logs and the trail
	for _, name := range []string{s.buckets()[0], s.buckets()[0] + "-replica"} {
		objects = append(objects, s.here.BucketARN(name), s.here.BucketARN(name+"/*"))
	}
	account := []any{s.here.ARN("logs", "log-group:*"), s.here.ARN("logs", "log-group:*:*")}
	statements := []iamdoc.Statement{
		{
			Sid: "Bucket",
			Action: []string{
				"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication",
				"s3:GetObjectVersionTagging", "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:PutObject", "s3:ReplicateDelete",
				"s3:ReplicateObject", "s3:ReplicateTags",
			},
			Resource: objects,
		},
		{Sid: "Parameters", Action: []string{"ssm:GetParameters"}, Resource: s.parameters()},
		{
			Sid: "Keys", Action: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}, Resource: s.keys(),
			Condition: s.through("s3", "ssm"),
		},
		{
			Sid: "Logs", Action: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"},
			Resource: s.groups("*"), // for one by one there is no room
		},
		{Sid: "FindLogs", Action: []string{"logs:DescribeLogGroups"}, Resource: account},
		{
			// AmazonRDSEnhancedMonitoringRole
			Sid: "Metrics",
			Action: []string{
				"logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents",
				"logs:PutRetentionPolicy",
			},
			Resource: []any{s.here.ARN("logs", "log-group:RDS*"), s.here.ARN("logs", "log-group:RDS*:log-stream:*")},
		},
		{
			Sid: "Tasks", Action: []string{"ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask", "ecs:TagResource"},
			Resource: append(s.definitions(runs, maintenance), s.inCluster("task", "*")),
		},
		{
			Sid: "WithoutNames",
			Action: []string{
				"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
				"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
				"ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition",
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
				"ssmmessages:OpenDataChannel",
			},
			Resource: []any{"*"}, // none has resource-level permissions, or Lambda asks for it on everything
		},
		{
			Sid:      "Images",
			Action:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resource: []any{"arn:" + s.here.Partition + ":ecr:*:*:repository/*"}, // of another account or region, as settings say
		},
		pass("PassRunRoles", "ecs-tasks", s.taskRoles(runs, maintenance)...),
	}
	if s.Hours.Enabled {
		statements = append(statements, s.sleeping()...)
	}
	return statements
}

// sleeping is what the function of the hours does beside what tasks do.
func (s *stack) sleeping() []iamdoc.Statement {
	return []iamdoc.Statement{
		{Sid: "Services", Action: []string{"ecs:DescribeServices", "ecs:UpdateService"}, Resource: s.serviceARNs()},
		{Sid: "ListTasks", Action: []string{"ecs:ListTasks"}, Resource: []any{s.inCluster("container-instance", "*")}},
		{
			Sid: "Database", Action: []string{"rds:DescribeDBInstances", "rds:StartDBInstance", "rds:StopDBInstance"},
			Resource: []any{s.here.ARN("rds", "db:"+s.database())},
		},
		{Sid: "Remember", Action: []string{"ssm:PutParameter"}, Resource: []any{s.here.ARN("ssm", "parameter"+s.names.ParameterPath()+"/hours/*")}},
	}
}
