package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
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

// Policy judges a policy, which has to let IAM decide where it is a key's (KMS developer guide, default key policy).
func Policy(whose, text string, ofKey bool) (findings []Finding, err error) {
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
			"The policy of " + whose + " refuses by statements that are not the program's", strings.Join(foreign, ", "), Again, Denied,
		})
	}
	if ofKey && !delegates {
		findings = append(findings, Finding{
			"The policy of " + whose + " does not leave the decision to IAM: the roles may not use it", "no statement allows the account kms:*",
			Again, Denied,
		})
	}
	return findings, nil
}

// Simulation says what is refused, and how.
func Simulation(results []types.EvaluationResult) (refused []string) {
	for _, result := range results {
		if result.EvalDecision != types.PolicyEvaluationDecisionTypeAllowed {
			refused = append(refused, fmt.Sprintf("%s on %s is %s", aws.ToString(result.EvalActionName), aws.ToString(result.EvalResourceName),
				result.EvalDecision))
		}
	}
	return refused
}
