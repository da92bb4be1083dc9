package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ownDenials are what the program denies in policies (components/internal/securebucket). IAM's simulator takes no policies of
// resources for roles (IAM API reference, SimulatePrincipalPolicy, ResourcePolicy), so that foreign statements are told by
// their names.
var ownDenials = []string{"TlsOnly", "NoOldTls", "KmsOnly", "OwnKeyOnly"}

// policy is that of a resource.
type policy struct {
	Statement []struct {
		Sid, Effect       string
		Principal, Action json.RawMessage
	}
}

// bucketPolicy looks whether the policy of the bucket refuses what IAM allows.
func (e *examination) bucketPolicy(ctx context.Context) ([]Finding, error) {
	answer, err := e.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &e.Bucket})
	if is(err, "NoSuchBucket") {
		return nil, nil
	}
	if is(err, "NoSuchBucketPolicy") {
		return []Finding{{"The bucket " + e.Bucket + " has no policy: plain HTTP and other keys are let in", err.Error(), again, denied}}, nil
	}
	if err != nil {
		return nil, err
	}
	return judgePolicy("the bucket", aws.ToString(answer.Policy), false)
}

// keyPolicies look whether the policies of the keys let IAM decide.
func (e *examination) keyPolicies(ctx context.Context) (findings []Finding, err error) {
	for _, key := range sorted(e.keys) {
		answer, err := e.kms.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &key, PolicyName: aws.String("default")})
		if err != nil {
			return findings, fmt.Errorf("read the policy of the key of %s: %w", e.keys[key], err)
		}
		judged, err := judgePolicy("the key of "+e.keys[key], aws.ToString(answer.Policy), true)
		if err != nil {
			return findings, err
		}
		findings = append(findings, judged...)
	}
	return findings, nil
}

// judgePolicy judges a policy, which has to let IAM decide where it is a key's (KMS developer guide, default key policy).
func judgePolicy(whose, text string, ofKey bool) (findings []Finding, err error) {
	var read policy
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return nil, fmt.Errorf("read the policy of %s: %w", whose, err)
	}
	delegates := false
	var foreign []string
	for _, each := range read.Statement {
		delegates = delegates || each.Effect == "Allow" && strings.Contains(string(each.Principal), ":root\"") && strings.Contains(string(each.Action), `"kms:*"`)
		if each.Effect == "Deny" && !slices.Contains(ownDenials, each.Sid) {
			foreign = append(foreign, fmt.Sprintf("%q", each.Sid))
		}
	}
	if len(foreign) > 0 {
		findings = append(findings, Finding{
			"The policy of " + whose + " refuses by statements that are not the program's", strings.Join(foreign, ", "), again, denied,
		})
	}
	if ofKey && !delegates {
		findings = append(findings, Finding{
			"The policy of " + whose + " does not leave the decision to IAM: the roles may not use it", "no statement allows the account kms:*",
			again, denied,
		})
	}
	return findings, nil
}
