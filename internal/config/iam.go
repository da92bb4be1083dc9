package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// IAM says what bounds the roles of the stack.
type IAM struct {
	// PermissionsBoundary is the name of a policy of the account, with its path, that bounds every role of the stack. It has
	// to be there before. Empty: nothing bounds them. A role that deploys without administering the account makes no role
	// without it (docs/deploy.md, Who deploys).
	PermissionsBoundary string `setting:"permissionsBoundary"`
}

func (s Settings) validateIAM(list *problems.List) {
	if s.IAM.PermissionsBoundary != "" {
		list.Take("dagster:iam.permissionsBoundary", rules.PolicyName(s.IAM.PermissionsBoundary))
	}
}
