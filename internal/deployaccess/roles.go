package deployaccess

import "dagster-ecs/internal/iamdoc"

func (s *stack) boundaryARN() string { return BoundaryARN(s.Settings, s.here.Partition) }

func (s *stack) readRoles() []iamdoc.Statement {
	return []iamdoc.Statement{{
		Sid: "ReadRoles",
		Action: []string{
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
		},
		Resource: s.roles(),
	}}
}

// changeRoles lets a role be made and be given permissions within the boundary only. Taking permissions away is free.
func (s *stack) changeRoles() []iamdoc.Statement {
	bounded := func() iamdoc.Condition {
		return iamdoc.Condition{"StringEquals": {"iam:PermissionsBoundary": s.boundaryARN()}}
	}
	return []iamdoc.Statement{
		{
			Sid:       "MakeBoundedRoles",
			Action:    []string{"iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"},
			Resource:  s.roles(),
			Condition: bounded(),
		},
		{
			Sid:      "AttachMonitoringPolicy",
			Action:   []string{"iam:AttachRolePolicy"},
			Resource: []any{s.monitoringRole()},
			Condition: also(bounded(), "ArnEquals", map[string]any{
				"iam:PolicyARN": "arn:" + s.here.Partition + ":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
			}),
		},
		{
			Sid: "KeepRoles",
			Action: []string{
				"iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:TagRole", "iam:UntagRole",
				"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
			},
			Resource: s.roles(),
		},
	}
}

// passRoles lets each role be given to the one service that it is for.
func (s *stack) passRoles() []iamdoc.Statement {
	return []iamdoc.Statement{
		pass("PassToTasks", "ecs-tasks", s.taskRoles(kinds...)...),
		pass("PassToFlowLogs", "vpc-flow-logs", s.flowLogsRole()),
		pass("PassToRds", "monitoring.rds", s.monitoringRole()),
		pass("PassToS3", "s3", s.replicationRole()),
		s.serviceLinkedRoles(),
	}
}

func pass(sid, service string, roles ...any) iamdoc.Statement {
	hosts := []string{service + ".amazonaws.com"}
	if service == "monitoring.rds" {
		hosts = append(hosts, "rds.amazonaws.com") // which of the two RDS says is written nowhere
	}
	return iamdoc.Statement{
		Sid: sid, Action: []string{"iam:PassRole"}, Resource: roles,
		Condition: iamdoc.Condition{"StringEquals": {"iam:PassedToService": hosts}},
	}
}

// serviceLinkedRoles are made by the services themselves, for whoever is the first in an account to use them.
func (s *stack) serviceLinkedRoles() iamdoc.Statement {
	hosts := []string{
		"ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com", "rds.amazonaws.com",
	}
	var arns []any
	for _, host := range hosts {
		arns = append(arns, s.here.GlobalARN("iam", "role/aws-service-role/"+host+"/*"))
	}
	return iamdoc.Statement{
		Sid: "MakeServiceLinkedRoles", Action: []string{"iam:CreateServiceLinkedRole"}, Resource: arns,
		Condition: iamdoc.Condition{"StringEquals": {"iam:AWSServiceName": hosts}},
	}
}
