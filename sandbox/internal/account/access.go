package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"dagster-ecs/internal/deployaccess"
	"dagster-ecs/internal/rules"
)

// administrator makes roles and policies in the account.
type administrator struct {
	api     *iam.Client
	account string
	env     map[string]string
}

func iamARN(env map[string]string, account, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s", rules.Partition(env["AWS_REGION"]), account, name)
}

// Give makes the roles that deploy and preview a stack, with their policies, and the boundary of the stack's own roles:
// what a person does by hand in an account (docs/deploy.md, Who deploys). What is there already is brought up to date.
// env is that of the account's administrator.
func Give(ctx context.Context, env map[string]string, account string, access deployaccess.Access) error {
	a := administrator{api: iam.NewFromConfig(Config(env)), account: account, env: env}
	if _, err := a.policy(ctx, access.Boundary); err != nil {
		return err
	}
	for _, role := range []deployaccess.Role{access.Deploy, access.Preview} {
		if err := a.role(ctx, role); err != nil {
			return err
		}
	}
	return nil
}

// role makes a role that the account's own people may take.
func (a administrator) role(ctx context.Context, role deployaccess.Role) error {
	trust, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]string{"AWS": a.account},
	}}})
	if err != nil {
		return fmt.Errorf("write the trust of role %s: %w", role.Name, err)
	}
	_, err = a.api.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: &role.Name, AssumeRolePolicyDocument: aws.String(string(trust)), MaxSessionDuration: aws.Int32(deployaccess.SessionSeconds),
	})
	if there := (*types.EntityAlreadyExistsException)(nil); err != nil && !errors.As(err, &there) {
		return fmt.Errorf("make the role %s: %w", role.Name, err)
	}
	for _, policy := range role.Policies {
		arn, err := a.policy(ctx, policy)
		if err != nil {
			return err
		}
		if _, err := a.api.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: &role.Name, PolicyArn: &arn}); err != nil {
			return fmt.Errorf("attach %s to role %s: %w", policy.Name, role.Name, err)
		}
	}
	return nil
}

// policy makes a policy, or gives one that is there its text as the only version, and answers its ARN.
func (a administrator) policy(ctx context.Context, policy deployaccess.Policy) (string, error) {
	made, err := a.api.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: &policy.Name, PolicyDocument: &policy.Document})
	if err == nil {
		return aws.ToString(made.Policy.Arn), nil
	}
	if there := (*types.EntityAlreadyExistsException)(nil); !errors.As(err, &there) {
		return "", fmt.Errorf("make the policy %s: %w", policy.Name, err)
	}
	arn := iamARN(a.env, a.account, "policy/"+policy.Name)
	if err := a.update(ctx, arn, policy.Document); err != nil {
		return "", fmt.Errorf("update the policy %s: %w", policy.Name, err)
	}
	return arn, nil
}

func (a administrator) update(ctx context.Context, arn, document string) error {
	found, err := a.api.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		return err
	}
	old := found.Policy.DefaultVersionId
	version, err := a.api.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: old})
	if err != nil {
		return err
	}
	text, err := url.QueryUnescape(aws.ToString(version.PolicyVersion.Document))
	if err != nil || text == document {
		return err
	}
	if _, err := a.api.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{
		PolicyArn: &arn, PolicyDocument: &document, SetAsDefault: true,
	}); err != nil {
		return err
	}
	_, err = a.api.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: &arn, VersionId: old})
	return err
}

// As answers the environment of somebody who has taken a role; session names what for.
func As(ctx context.Context, env map[string]string, account string, role deployaccess.Role, session string) (map[string]string, error) {
	taken, err := sts.NewFromConfig(Config(env)).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn:         aws.String(iamARN(env, account, "role/"+role.Name)),
		RoleSessionName: &session,
		DurationSeconds: aws.Int32(deployaccess.SessionSeconds),
	})
	if err != nil {
		return nil, fmt.Errorf("take the role %s: %w", role.Name, err)
	}
	as := maps.Clone(env)
	as["AWS_ACCESS_KEY_ID"] = aws.ToString(taken.Credentials.AccessKeyId)
	as["AWS_SECRET_ACCESS_KEY"] = aws.ToString(taken.Credentials.SecretAccessKey)
	as["AWS_SESSION_TOKEN"] = aws.ToString(taken.Credentials.SessionToken)
	return as, nil
}
