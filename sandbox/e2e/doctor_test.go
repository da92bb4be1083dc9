//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"dagster-ecs/internal/doctor"
	"dagster-ecs/internal/rules"
	"dagster-ecs/sandbox/internal/account"
)

// fault is something that somebody does to a stack by hand, and its cure.
type fault struct {
	name string
	// do breaks something, and gives what mends it.
	do func(*cloud, aws.Config) (cure func() error, err error)
	// found begins what the doctor says is wrong.
	found string
}

var faults = []fault{
	{"a parameter is deleted", deletedParameter, "The parameter /asset-manager/dev/DAGSTER_PG_USER is not there"},
	{"the bucket's key is disabled", disabledKey, "The key of the bucket cannot be used"},
	{"the parameters' key is to be deleted", endingKey, "The key of the parameters is going to be deleted"},
	{"the run's role loses its policy", powerlessRole, "The role arn:aws:iam::111122223333:role/asset-manager-dev-run-task may not do"},
	{"the image is deleted", deletedImage, "The image 111122223333.dkr.ecr.us-west-1.amazonaws.com/asset-manager"},
	{"the daemon's count is set to none", stoppedDaemon, "The service asset-manager-dev-daemon is set to no tasks"},
}

// diagnosed has the doctor look at a healthy stack, then at each fault.
func diagnosed(c *cloud) {
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	config := account.Config(env)
	nothing := func(context.Context) error {
		if found := c.findings(config); len(found) > 0 {
			return fmt.Errorf("with a healthy stack something is wrong: %+v", found)
		}
		return nil
	}
	// Alarms go off until the monitor has looked for the first time.
	eventually(c.t, 5*time.Minute, nothing)
	for _, each := range faults {
		cure, err := each.do(c, config)
		if err != nil {
			c.t.Errorf("%s: %v", each.name, err)
			continue
		}
		found := c.findings(config)
		if err := cure(); err != nil {
			c.t.Fatalf("%s: cure it: %v", each.name, err)
		}
		if len(found) == 0 || !strings.HasPrefix(found[0].What, each.found) {
			c.t.Errorf("%s: the doctor says %+v", each.name, found)
		}
	}
	eventually(c.t, 5*time.Minute, nothing)
}

func (c *cloud) findings(config aws.Config) []doctor.Finding {
	c.t.Helper()
	text, err := json.Marshal(c.outputs())
	if err != nil {
		c.t.Fatal(err)
	}
	stack, err := doctor.Parse(text)
	if err != nil {
		c.t.Fatal(err)
	}
	report, err := doctor.Look(c.t.Context(), config, stack)
	if err := errors.Join(append(report.Unknown, err)...); err != nil {
		c.t.Fatalf("not all could be looked at: %v", err)
	}
	return report.Findings
}

func deletedParameter(c *cloud, config aws.Config) (func() error, error) {
	api, ctx := ssm.NewFromConfig(config), c.t.Context()
	name := aws.String(c.output("parameterPath") + "/DAGSTER_PG_USER")
	found, err := api.GetParameter(ctx, &ssm.GetParameterInput{Name: name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	_, err = api.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: name})
	return func() error {
		_, err := api.PutParameter(ctx, &ssm.PutParameterInput{
			Name: name, Value: found.Parameter.Value, Type: ssmtypes.ParameterTypeSecureString, KeyId: aws.String("alias/asset-manager-dev-secrets"),
		})
		return err
	}, err
}

func disabledKey(c *cloud, config aws.Config) (func() error, error) {
	api, ctx := kms.NewFromConfig(config), c.t.Context()
	key, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/asset-manager-dev-data")})
	if err != nil {
		return nil, err
	}
	id := key.KeyMetadata.KeyId
	_, err = api.DisableKey(ctx, &kms.DisableKeyInput{KeyId: id})
	return func() error {
		_, err := api.EnableKey(ctx, &kms.EnableKeyInput{KeyId: id})
		return err
	}, err
}

func endingKey(c *cloud, config aws.Config) (func() error, error) {
	api, ctx := kms.NewFromConfig(config), c.t.Context()
	key, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/asset-manager-dev-secrets")})
	if err != nil {
		return nil, err
	}
	id := key.KeyMetadata.KeyId
	_, err = api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id})
	return func() error {
		if _, err := api.CancelKeyDeletion(ctx, &kms.CancelKeyDeletionInput{KeyId: id}); err != nil {
			return err
		}
		_, err := api.EnableKey(ctx, &kms.EnableKeyInput{KeyId: id})
		return err
	}, err
}

func powerlessRole(c *cloud, config aws.Config) (func() error, error) {
	api, ctx, role := iam.NewFromConfig(config), c.t.Context(), aws.String(c.run+"-task")
	listed, err := api.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: role})
	if err != nil || len(listed.PolicyNames) != 1 {
		return nil, errors.Join(err, errors.New("the role of runs has not one policy"))
	}
	name := &listed.PolicyNames[0]
	kept, err := api.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: name})
	if err != nil {
		return nil, err
	}
	_, err = api.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: name})
	return func() error {
		document, err := url.QueryUnescape(aws.ToString(kept.PolicyDocument))
		if err != nil {
			return err
		}
		_, err = api.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: role, PolicyName: name, PolicyDocument: &document})
		return err
	}, err
}

func deletedImage(c *cloud, config aws.Config) (func() error, error) {
	definition, err := c.ecs.DescribeTaskDefinition(c.t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &c.run})
	if err != nil {
		return nil, err
	}
	image, _ := rules.OfECR(aws.ToString(definition.TaskDefinition.ContainerDefinitions[0].Image))
	api, ctx, id := ecr.NewFromConfig(config), c.t.Context(), []ecrtypes.ImageIdentifier{{ImageTag: &image.Tag}}
	kept, err := api.BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: &image.Repository, ImageIds: id})
	if err != nil {
		return nil, err
	}
	_, err = api.BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: &image.Repository, ImageIds: id})
	return func() error {
		_, err := api.PutImage(ctx, &ecr.PutImageInput{
			RepositoryName: &image.Repository, ImageTag: &image.Tag, ImageManifest: kept.Images[0].ImageManifest,
		})
		return err
	}, err
}

func stoppedDaemon(c *cloud, _ aws.Config) (func() error, error) {
	count := func(number int32) error {
		_, err := c.ecs.UpdateService(c.t.Context(), &ecs.UpdateServiceInput{Cluster: &c.cluster, Service: &c.daemon, DesiredCount: &number})
		return err
	}
	return func() error { return count(1) }, count(0)
}
