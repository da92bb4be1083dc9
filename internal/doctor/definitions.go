package doctor

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// mostParameters is how many parameters may be asked for at a time (Systems Manager API reference, GetParameters).
const mostParameters = 10

// secrets are the ARNs of the parameters that the containers of a workload are given.
func (w workload) secrets() (arns []string) {
	for _, container := range w.definition.ContainerDefinitions {
		for _, secret := range container.Secrets {
			arns = append(arns, aws.ToString(secret.ValueFrom))
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// logGroups are the log groups that the containers of a workload write to.
func (w workload) logGroups() (names []string) {
	for _, container := range w.definition.ContainerDefinitions {
		if container.LogConfiguration != nil {
			names = append(names, container.LogConfiguration.Options["awslogs-group"])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parameters looks whether each parameter is there. Their values stay encrypted.
func (e *examination) parameters(ctx context.Context) (findings []Finding, err error) {
	var names []string
	for _, each := range e.workloads {
		for _, arn := range each.secrets() {
			_, name, _ := strings.Cut(arn, ":parameter")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for some := range slices.Chunk(slices.Compact(names), mostParameters) {
		answer, err := e.ssm.GetParameters(ctx, &ssm.GetParametersInput{Names: some})
		if err != nil {
			return findings, err
		}
		for _, name := range answer.InvalidParameters {
			findings = append(findings, Finding{
				"The parameter " + name + " is not there: no task that is given it starts", "Parameter Store does not know it",
				again, starting,
			})
		}
	}
	return findings, nil
}

// ecrImage is an image of a registry of ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG or @DIGEST.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]+))?$`)

// images looks whether the images are there, of those that ECR has.
func (e *examination) images(ctx context.Context) (findings []Finding, err error) {
	var images []string
	for _, each := range e.workloads {
		for _, container := range each.definition.ContainerDefinitions {
			images = append(images, aws.ToString(container.Image))
		}
	}
	slices.Sort(images)
	for _, image := range slices.Compact(images) {
		parts := ecrImage.FindStringSubmatch(image)
		if parts == nil {
			continue
		}
		id := ecrtypes.ImageIdentifier{}
		if parts[5] != "" {
			id.ImageDigest = &parts[5]
		} else if parts[4] != "" {
			id.ImageTag = &parts[4]
		}
		_, err := e.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{
			RegistryId: &parts[1], RepositoryName: &parts[3], ImageIds: []ecrtypes.ImageIdentifier{id},
		}, func(o *ecr.Options) { o.Region = parts[2] })
		switch {
		case is(err, "ImageNotFoundException", "RepositoryNotFoundException"):
			findings = append(findings, Finding{
				"The image " + image + " is not there: no task starts", err.Error(), "push it again, or deploy another", "operations.md#deploy-a-new-image",
			})
		case err != nil:
			return findings, err
		}
	}
	return findings, nil
}

// logs looks whether the log groups are there: without its group no task starts.
func (e *examination) logs(ctx context.Context) (findings []Finding, err error) {
	var names []string
	for _, each := range e.workloads {
		names = append(names, each.logGroups()...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		answer, err := e.log.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
		if err != nil {
			return findings, err
		}
		if !slices.ContainsFunc(answer.LogGroups, func(g logtypes.LogGroup) bool { return aws.ToString(g.LogGroupName) == name }) {
			findings = append(findings, Finding{
				"The log group " + name + " is not there: no task that writes to it starts", "CloudWatch Logs does not know it", again, starting,
			})
		}
	}
	return findings, nil
}
