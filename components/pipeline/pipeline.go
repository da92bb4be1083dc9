package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:pipeline:Pipeline"

// Args describe who is trusted, and what pushes images.
type Args struct {
	// Location is where the images are; required.
	Location component.Location
	// Prefix begins the name of the role that pushes images, Prefix-image; required.
	Prefix string
	// Repository is whose jobs are trusted; required.
	Repository Repository
	// ExistingProvider says that the account trusts the host's tokens already: there is one provider for each host in an
	// account. Default false: one is made.
	ExistingProvider bool
	// Images are the ARNs of the repositories that the role pushes to. Default none: no such role.
	Images []pulumi.StringInput
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Location", a.Location.Validate())
	list.Take("Prefix", rules.Prefix(a.Prefix))
	list.Take("Repository", a.Repository.Validate())
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map {
	return pulumi.Map{"host": pulumi.String(a.Repository.Host), "repository": pulumi.String(a.Repository.Path)}
}

// Pipeline is the trust.
type Pipeline struct {
	pulumi.ResourceState

	// ImageRoleArn is the role that pushes images; the zero value without images.
	ImageRoleArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Pipeline
	args     *Args
	provider *iam.OpenIdConnectProvider
}

// New makes the trust.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Pipeline, error) {
	pipeline := &Pipeline{}
	scope, err := component.Open(ctx, TypeToken, name, pipeline, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Pipeline: pipeline, args: args}
	if err := scope.Run(b.createProvider, b.createImageRole); err != nil {
		return nil, err
	}
	return pipeline, scope.Close(pulumi.Map{})
}

// createProvider trusts the host. AWS knows its certificates: no thumbprint is kept
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html).
func (b *builder) createProvider() (err error) {
	if b.args.ExistingProvider {
		return nil
	}
	host := b.args.Repository.Host
	b.provider, err = iam.NewOpenIdConnectProvider(b.Ctx, b.Child("provider"), &iam.OpenIdConnectProviderArgs{
		Url: pulumi.String("https://" + host.issuer()), ClientIdLists: pulumi.ToStringArray([]string{host.audience()}),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("trust the tokens of %s: %w", host, err)
	}
	return nil
}

// createImageRole lets jobs of the main branch push (ECR user guide, IAM permissions for pushing an image), and read what the
// scan found.
func (b *builder) createImageRole() error {
	if len(b.args.Images) == 0 {
		return nil
	}
	var images []any
	for _, arn := range b.args.Images {
		images = append(images, arn)
	}
	role, err := servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "image",
		Name:        b.args.Prefix + "-image",
		Description: "Pushes images, for the pipeline of " + b.args.Repository.Path,
		Trust:       b.args.Repository.Trust(b.args.Location, b.args.Repository.mainSubject()),
		Statements: []iamdoc.Statement{
			{
				Sid: "LogIn", Action: []string{"ecr:GetAuthorizationToken"},
				Resource: []any{"*"}, // has no resource-level permissions
			},
			{
				Sid: "Push",
				Action: []string{
					"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImageScanFindings",
					"ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
				},
				Resource: images,
			},
		},
	})
	if err != nil {
		return err
	}
	b.ImageRoleArn = role.Arn
	return nil
}
