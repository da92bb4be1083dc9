package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/doctor/judge"
)

// bucketPolicy looks whether the policy of the bucket refuses what IAM allows.
func (e *examination) bucketPolicy(ctx context.Context) ([]Finding, error) {
	answer, err := e.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &e.Bucket})
	if is(err, "NoSuchBucket") {
		return nil, nil
	}
	if is(err, "NoSuchBucketPolicy") {
		return []Finding{judge.Found("The bucket "+e.Bucket+" has no policy: plain HTTP and other keys are let in", err.Error(), judge.Again, judge.Denied)}, nil
	}
	if err != nil {
		return nil, err
	}
	return judge.Policy("the bucket", aws.ToString(answer.Policy), false)
}

// keyPolicies look whether the policies of the keys let IAM decide.
func (e *examination) keyPolicies(ctx context.Context) (findings []Finding, err error) {
	for _, key := range sorted(e.keys) {
		answer, err := e.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default")})
		if err != nil {
			return findings, fmt.Errorf("read the policy of the key of %s: %w", e.keys[key], err)
		}
		judged, err := judge.Policy("the key of "+e.keys[key], aws.ToString(answer.Policy), true)
		if err != nil {
			return findings, err
		}
		findings = append(findings, judged...)
	}
	return findings, nil
}
