package configuration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:configuration:Configuration"

// Configuration is what Dagster's services read.
type Configuration struct {
	pulumi.ResourceState

	// Files are the stored files.
	Files Files
}

const yamlType = "application/yaml"

type builder struct {
	*component.Scope
	*Configuration
	args                      *Args
	instance, workspace, hash pulumi.StringOutput
}

// New renders the files and stores them.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Configuration, error) {
	configuration := &Configuration{}
	scope, err := component.Open(ctx, TypeToken, name, configuration, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Configuration: configuration, args: args}
	if err := scope.Run(b.renderInstance, b.renderWorkspace, b.address, b.store); err != nil {
		return nil, err
	}
	return configuration, scope.Close(pulumi.Map{
		"instanceKey":  configuration.Files.InstanceKey,
		"workspaceKey": configuration.Files.WorkspaceKey,
		"awsKey":       configuration.Files.AWSKey,
		"hash":         b.hash,
	})
}

// renderInstance renders dagster.yaml once the run task definition has its revision and the network its ids.
func (b *builder) renderInstance() error {
	launch := b.args.Launch
	b.instance = pulumi.All(launch.TaskDefinitionArn, launch.SubnetIDs, launch.SecurityGroupID).ApplyT(
		func(computed []any) (string, error) {
			instance := b.args.Instance
			instance.Launcher.TaskDefinition, _ = computed[0].(string)
			instance.Launcher.Subnets, _ = computed[1].([]string)
			instance.Launcher.SecurityGroup, _ = computed[2].(string)
			text, err := instance.Render()
			if err != nil {
				return "", fmt.Errorf("render %s: %w", instance.Name, err)
			}
			return string(text), nil
		}).(pulumi.StringOutput)
	return nil
}

func (b *builder) renderWorkspace() error {
	text, err := b.args.Workspace.Render()
	if err != nil {
		return fmt.Errorf("render %s: %w", workspaceFile, err)
	}
	b.workspace = pulumi.String(text).ToStringOutput()
	return nil
}

// address gives the files a folder of their own by their hash: a task reads the files of its time, however often it starts.
func (b *builder) address() error {
	b.hash = pulumi.All(b.instance, b.workspace).ApplyT(func(texts []any) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s", texts[0], texts[1], awsConfiguration))
		return hex.EncodeToString(sum[:8])
	}).(pulumi.StringOutput)
	return nil
}

func (b *builder) store() (err error) {
	b.Files.Bucket, b.Files.Module, b.Files.Generation = b.args.Bucket, b.args.Workspace.Module, b.args.Generation
	if b.Files.InstanceKey, err = b.object("instance", b.args.Instance.Name, yamlType, b.instance); err != nil {
		return err
	}
	if b.Files.WorkspaceKey, err = b.object("workspace", workspaceFile, yamlType, b.workspace); err != nil {
		return err
	}
	b.Files.AWSKey, err = b.object("aws", awsFile, "text/plain", pulumi.String(awsConfiguration).ToStringOutput())
	return err
}

// object stores a file and gives its key, which is there once the object is: no service starts before its files exist.
// The files of before stay in the bucket: a service that ECS takes back reads them again.
func (b *builder) object(suffix, file, contentType string, content pulumi.StringOutput) (pulumi.StringInput, error) {
	object, err := s3.NewBucketObjectv2(b.Ctx, b.Child(suffix), &s3.BucketObjectv2Args{
		Bucket:      b.args.Bucket,
		Key:         pulumi.Sprintf("%s/%s/%s", b.args.Prefix, b.hash, file),
		Content:     content.ToStringPtrOutput(),
		ContentType: pulumi.String(contentType),
	}, b.Options(pulumi.RetainOnDelete(true))...)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", file, err)
	}
	return object.Key, nil
}
