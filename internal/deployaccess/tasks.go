package deployaccess

import "dagster-ecs/internal/iamdoc"

func (s *stack) onCluster() iamdoc.Condition {
	return iamdoc.Condition{"ArnEquals": {"ecs:cluster": s.clusterARN()}}
}

func (s *stack) readTasks() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid:      "ReadEcs",
			Action:   []string{"ecs:DescribeClusters", "ecs:DescribeServices", "ecs:ListTagsForResource"},
			Resource: append(append([]any{s.anyCluster()}, s.serviceARNs()...), s.definitions(kinds...)...),
		},
		{
			Sid:      "ReadDefinitions",
			Action:   []string{"ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"},
			Resource: []any{"*"}, // neither has resource-level permissions
		},
	}
}

func (s *stack) changeTasks() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		{
			Sid:      "KeepServices",
			Action:   []string{"ecs:CreateService", "ecs:DeleteService", "ecs:UpdateService"},
			Resource: s.serviceARNs(),
		},
		{
			Sid:       "MakeDefinitions",
			Action:    []string{"ecs:RegisterTaskDefinition"},
			Resource:  []any{"*"}, // has had resource-level permissions since 2026 only
			Condition: s.asked(),
		},
		{
			Sid:       "RunOnce",
			Action:    []string{"ecs:RunTask"},
			Resource:  s.definitions(single...),
			Condition: s.onCluster(),
		},
		{
			Sid:       "WatchTasks",
			Action:    []string{"ecs:DescribeTasks", "ecs:ListTasks", "ecs:StopTask"},
			Resource:  []any{s.inCluster("task", "*"), s.inCluster("container-instance", "*")},
			Condition: s.onCluster(),
		},
		{
			Sid:    "TagEcs",
			Action: []string{"ecs:TagResource", "ecs:UntagResource"},
			Resource: append(append([]any{s.clusterARN(), s.inCluster("task", "*")}, s.serviceARNs()...),
				s.definitions(kinds...)...),
		},
		{
			// By tag: the cluster that the stack leaves has another name.
			Sid: "KeepClusters",
			Action: []string{
				"ecs:DeleteCluster", "ecs:PutClusterCapacityProviders", "ecs:UpdateCluster", "ecs:UpdateClusterSettings",
			},
			Resource:  []any{s.anyCluster()},
			Condition: s.own("StringEquals"),
		},
		s.openSessions(),
		{
			Sid: "KeepSessions", Action: []string{"ssm:ResumeSession", "ssm:TerminateSession"},
			// Sessions of roles are told by this tag (Systems Manager user guide, sample policies for Session Manager).
			Resource:  []any{s.here.ARN("ssm", "session/*")},
			Condition: iamdoc.Condition{"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"}},
		},
		{
			// Who opens the channel has the session's token.
			Sid: "OpenChannels", Action: []string{"ssmmessages:OpenDataChannel"}, Resource: []any{s.here.ARN("ssm", "session/*")},
		},
	}
	if s.Cluster.Existing != "" {
		return statements
	}
	return append(statements, iamdoc.Statement{
		Sid: "MakeCluster", Action: []string{"ecs:CreateCluster"}, Resource: []any{s.clusterARN()},
	})
}

// openSessions allows the way to the database: tasks without ECS Exec, which are all but the gateway's, take no session.
func (s *stack) openSessions() iamdoc.Statement {
	document := "arn:" + s.here.Partition + ":ssm:" + s.here.Region + "::document/AWS-StartPortForwardingSessionToRemoteHost"
	return iamdoc.Statement{
		Sid: "OpenSessions", Action: []string{"ssm:StartSession"}, Resource: []any{s.inCluster("task", "*"), document},
	}
}
