package commands

import (
	"context"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/instance"
)

// takeRole answers the environment of the stack's own role for a command: the one that previews where nothing is deployed,
// else the one that deploys. The account's administrator makes both first. Without a boundary in the settings there are
// none, and the administrator deploys.
func (s *Session) takeRole(ctx context.Context, i *instance.Instance, settings config.Settings, use codeUse) (map[string]string, error) {
	if settings.IAM.PermissionsBoundary == "" {
		s.Progress.Note("the account's administrator deploys: dagster:iam.permissionsBoundary names no policy")
		return i.Env(), nil
	}
	access, err := deployaccess.For(settings)
	if err != nil {
		return nil, err
	}
	if err := account.Give(ctx, i.Env(), i.Account, access); err != nil {
		return nil, err
	}
	role, session := access.Deploy, s.Command
	if use == codeName {
		role = access.Preview
	}
	if session == "" {
		session = "sandbox"
	}
	return account.As(ctx, i.Env(), i.Account, role, session)
}
