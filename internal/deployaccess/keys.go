package deployaccess

import "dagster-ecs/internal/iamdoc"

// A key's tags decide up to five minutes after they were set (KMS developer guide, using tags to control access), and the
// program goes on at once. So what is done with a new key is allowed for keys whose tags are not there yet, too; what
// could do harm to a key is not.

func (s *stack) readKeys() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadKeys",
			Action: []string{
				"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
			},
			Resource:  s.keys(),
			Condition: s.own("StringEqualsIfExists"),
		},
		{Sid: "ListAliases", Action: []string{"kms:ListAliases"}, Resource: []any{"*"}}, // ListAliases has no resource-level permission
		{
			Sid: "ReadEncrypted", Action: []string{"kms:Decrypt"}, Resource: s.keys(),
			Condition: s.through("s3", "ssm"),
		},
	}
}

func (s *stack) changeKeys() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			// CreateKey with tags and a policy (service authorization reference, dependent actions)
			Sid:       "MakeKeys",
			Action:    []string{"kms:CreateKey", "kms:PutKeyPolicy", "kms:TagResource"},
			Resource:  []any{"*"}, // CreateKey has no resource-level permission
			Condition: s.asked(),
		},
		{Sid: "RotateKeys", Action: []string{"kms:EnableKeyRotation"}, Resource: s.keys(), Condition: s.own("StringEqualsIfExists")},
		{
			Sid: "ChangeKeys",
			Action: []string{
				"kms:DisableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
				"kms:UpdateKeyDescription",
			},
			Resource:  s.keys(),
			Condition: s.own("StringEquals"),
		},
		{
			Sid: "NameKeys", Action: []string{"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}, Resource: s.aliases(),
		},
		{
			Sid: "NameOwnKeys", Action: []string{"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}, Resource: s.keys(),
			Condition: s.own("StringEqualsIfExists"),
		},
		{
			Sid: "UseKeys", Action: []string{"kms:Encrypt", "kms:GenerateDataKey"}, Resource: s.keys(),
			Condition: s.through("rds", "s3", "ssm"),
		},
		{
			// RDS user guide, encrypting Amazon RDS resources
			Sid: "GiveKeysToRds", Action: []string{"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey"}, Resource: s.keys(),
			Condition: also(s.through("rds"), "BoolIfExists", map[string]any{"kms:GrantIsForAWSResource": "true"}),
		},
	}
}

// through is the condition that a service uses a key of the stack for the caller.
func (s *stack) through(services ...string) iamdoc.Condition {
	var hosts []string
	for _, place := range s.regions() {
		for _, service := range services {
			hosts = append(hosts, place.ServiceHost(service))
		}
	}
	return also(s.own("StringEqualsIfExists"), "StringEquals", map[string]any{"kms:ViaService": hosts})
}

func (s *stack) keys() (arns []any) {
	for _, place := range s.regions() {
		arns = append(arns, place.ARN("kms", "key/*"))
	}
	return arns
}

func (s *stack) aliases() (arns []any) {
	for _, purpose := range []string{"alerts", "data", "database", "flow-logs", "logs", "secrets", trail} {
		arns = append(arns, s.here.ARN("kms", "alias/"+s.names.Base()+"-"+purpose))
	}
	if s.ReplicaRegion != "" {
		for _, purpose := range []string{"data-replica", "database-replica"} {
			arns = append(arns, s.there.ARN("kms", "alias/"+s.names.Base()+"-"+purpose))
		}
	}
	return arns
}
