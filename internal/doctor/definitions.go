package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/doctor/judge"
	"dagster-ecs/internal/rules"
)

// mostParameters is how many parameters may be asked for at a time (Systems Manager API reference, GetParameters).
const mostParameters = 10

// parameters looks whether each parameter is there. Their values stay encrypted.
func (e *examination) parameters(ctx context.Context) (findings []Finding, err error) {
	var names []string
	for _, arn := range e.all(secrets) {
		_, name, _ := strings.Cut(arn, ":parameter")
		names = append(names, name)
	}
	for some := range slices.Chunk(names, mostParameters) {
		answer, err := e.ssm.GetParameters(ctx, &ssm.GetParametersInput{Names: some})
		if err != nil {
			return findings, err
		}
		for _, name := range answer.InvalidParameters {
			findings = append(findings, judge.Found(
				"The parameter "+name+" is not there: no task that is given it starts", "Parameter Store does not know it",
				judge.Again, judge.Starting,
			))
		}
	}
	return findings, nil
}

// images looks whether the images are there, of those that ECR has.
func (e *examination) images(ctx context.Context) (findings []Finding, err error) {
	for _, image := range e.all(images) {
		parts, private := rules.OfECR(image)
		if !private {
			continue
		}
		id := ecrtypes.ImageIdentifier{ImageTag: &parts.Tag}
		if parts.Digest != "" {
			id = ecrtypes.ImageIdentifier{ImageDigest: &parts.Digest}
		}
		_, err := e.ecr.DescribeImages(ctx, &ecr.DescribeImagesInput{
			RegistryId: &parts.Account, RepositoryName: &parts.Repository, ImageIds: []ecrtypes.ImageIdentifier{id},
		}, func(o *ecr.Options) { o.Region = parts.Region })
		switch {
		case is(err, "ImageNotFoundException", "RepositoryNotFoundException"):
			findings = append(findings, judge.Found(
				"The image "+image+" is not there: no task starts", "ECR knows no such tag, digest or repository",
				"push it again, or deploy another", "operations.md#deploy-a-new-image",
			))
		case err != nil:
			return findings, err
		}
	}
	return findings, nil
}

// logs looks whether the log groups are there: without its group no task starts.
func (e *examination) logs(ctx context.Context) (findings []Finding, err error) {
	for _, name := range e.all(logGroups) {
		answer, err := e.log.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
		if err != nil {
			return findings, err
		}
		if !slices.ContainsFunc(answer.LogGroups, func(g logtypes.LogGroup) bool { return aws.ToString(g.LogGroupName) == name }) {
			findings = append(findings, judge.Found(
				"The log group "+name+" is not there: no task that writes to it starts", "CloudWatch Logs does not know it", judge.Again, judge.Starting,
			))
		}
	}
	return findings, nil
}
