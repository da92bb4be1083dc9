package deployaccess

import "dagster-ecs/internal/iamdoc"

func (s *stack) readDatabase() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadDatabases",
			Action: []string{
				"rds:DescribeDBInstanceAutomatedBackups", "rds:DescribeDBInstances", "rds:DescribeDBParameterGroups",
				"rds:DescribeDBParameters", "rds:DescribeDBSnapshots", "rds:DescribeDBSubnetGroups",
			},
			Resource: []any{"*"}, // they list, and a list is judged by all that there is
		},
		{Sid: "ReadDatabaseTags", Action: []string{"rds:ListTagsForResource"}, Resource: s.databaseARNs()},
		{
			Sid: "ReadParameters", Action: []string{"ssm:GetParameter", "ssm:ListTagsForResource"},
			Resource: s.parameters(),
		},
		{
			Sid:      "ListParameters",
			Action:   []string{"ssm:DescribeParameters"},
			Resource: []any{"*"}, // they list, and a list is judged by all that there is
		},
	}
}

func (s *stack) changeDatabase() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "KeepDatabase",
			Action: []string{
				"rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSnapshot",
				"rds:CreateDBSubnetGroup", "rds:DeleteDBInstance", "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup",
				"rds:ModifyDBInstance", "rds:ModifyDBParameterGroup", "rds:ModifyDBSubnetGroup", "rds:RebootDBInstance",
				"rds:RemoveTagsFromResource", "rds:ResetDBParameterGroup", "rds:StartDBInstanceAutomatedBackupsReplication",
				"rds:StopDBInstanceAutomatedBackupsReplication",
			},
			Resource: s.databaseARNs(),
		},
		{
			Sid:      "KeepParameters",
			Action:   []string{"ssm:AddTagsToResource", "ssm:DeleteParameter", "ssm:PutParameter", "ssm:RemoveTagsFromResource"},
			Resource: s.parameters(),
		},
	}
}

// databaseARNs are the instance and what goes with it; the copies of its backups have ids.
func (s *stack) databaseARNs() []any {
	name := s.database()
	arns := []any{
		s.here.ARN("rds", "db:"+name), s.here.ARN("rds", "subgrp:"+name), s.here.ARN("rds", "pg:"+name+"-postgres*"),
		s.here.ARN("rds", "snapshot:"+name+"-final-*"), s.here.ARN("rds", "snapshot:"+name+"-before-migration-*"),
		// RDS puts its default option group in the place of one that is not named (RDS user guide, identity-based policies).
		s.here.ARN("rds", "og:default:*"),
	}
	if s.Database.ReplicateBackups {
		arns = append(arns, s.there.ARN("rds", "auto-backup:*"))
	}
	return arns
}
