package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"dagster-ecs/internal/rules"
	"dagster-ecs/sandbox/internal/instance"
)

// EnsureAdministrator makes the account's administrator, once: all that its root user does (IAM user guide, root user best
// practices), so that whoever uses root later is seen.
func EnsureAdministrator(ctx context.Context, i *instance.Instance) error {
	if i.Administrator.ID != "" {
		if _, err := sts.NewFromConfig(Config(i.Env())).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}); err == nil {
			return nil
		}
	}
	api, name := iam.NewFromConfig(Config(i.RootEnv())), aws.String("administrator")
	_, err := api.CreateUser(ctx, &iam.CreateUserInput{UserName: name})
	if there := (*types.EntityAlreadyExistsException)(nil); err != nil && !errors.As(err, &there) {
		return fmt.Errorf("make the account's administrator: %w", err)
	}
	everything := fmt.Sprintf("arn:%s:iam::aws:policy/AdministratorAccess", rules.Partition(i.Region))
	if _, err := api.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: &everything}); err != nil {
		return fmt.Errorf("allow the account's administrator everything: %w", err)
	}
	made, err := api.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		return fmt.Errorf("give the account's administrator keys: %w", err)
	}
	return i.GiveAdministrator(instance.Keys{
		ID: aws.ToString(made.AccessKey.AccessKeyId), Secret: aws.ToString(made.AccessKey.SecretAccessKey),
	})
}
