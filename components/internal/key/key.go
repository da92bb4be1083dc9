// Package key makes the customer-managed KMS keys of the components: one per purpose, rotated every year, with an alias
// and a policy that delegates to IAM in the own account and lets AWS services in only where a statement says so.
package key

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/iamdoc"
)

// deletionWindow is how many days a deleted key can still be restored, the longest that KMS offers.
const deletionWindow = 30

// Args describe one key.
type Args struct {
	// Suffix ends the key's logical name, <name>-<suffix>, and with -alias that of its alias; required.
	Suffix string
	// Alias is the key's alias without `alias/`; required.
	Alias string
	// Description says what the key encrypts; required.
	Description string
	// Location is where the key lives; required.
	Location component.Location
	// Statements let AWS services use the key. None: only the account's own IAM policies do.
	Statements []iamdoc.Statement
	// Keep says whether the key is held on to: without it what it encrypted is lost.
	Keep component.Keep
	// Outlives says that something which the key encrypts outlives the stack, such as a snapshot: then the key stays, in
	// AWS and without alias, when the stack lets go of it. Default false: it is deleted after 30 days.
	Outlives bool
	// Options are further options, such as the provider of another region.
	Options []pulumi.ResourceOption
}

// New makes a key and its alias under the component of the scope.
func New(scope *component.Scope, args Args) (*kms.Key, error) {
	delegate := iamdoc.Statement{
		Sid:       "DelegateToIam",
		Principal: args.Location.Root(),
		Action:    []string{"kms:*"},
		Resource:  []any{"*"}, // in a key policy "*" is this key
	}
	policy, err := iamdoc.Render("key "+args.Alias, append([]iamdoc.Statement{delegate}, args.Statements...)...)
	if err != nil {
		return nil, fmt.Errorf("write key policy: %w", err)
	}
	name := scope.Child(args.Suffix)
	options := append(scope.Stateful(args.Keep, args.Options...), pulumi.RetainOnDelete(args.Outlives))
	made, err := kms.NewKey(scope.Ctx, name, &kms.KeyArgs{
		Description:          pulumi.String(args.Description),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(deletionWindow),
		Policy:               policy,
	}, options...)
	if err != nil {
		return nil, fmt.Errorf("create key %s: %w", name, err)
	}
	if _, err := kms.NewAlias(scope.Ctx, scope.Child(args.Suffix+"-alias"), &kms.AliasArgs{
		Name:        pulumi.String("alias/" + args.Alias),
		TargetKeyId: made.KeyId,
	}, scope.Options(args.Options...)...); err != nil {
		return nil, fmt.Errorf("create alias %s: %w", args.Alias, err)
	}
	return made, nil
}

// ForLogs lets CloudWatch Logs use the key for the log groups whose ARNs match one of the patterns, and for nothing else
// (CloudWatch Logs user guide, encrypt log data using KMS).
func ForLogs(location component.Location, groups ...string) iamdoc.Statement {
	arns := make([]any, 0, len(groups))
	for _, group := range groups {
		arns = append(arns, location.ARN("logs", "log-group:"+group))
	}
	return iamdoc.Statement{
		Sid:       "CloudWatchLogs",
		Principal: iamdoc.Service(location.ServiceHost("logs")),
		Action:    []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		Resource:  []any{"*"}, // in a key policy "*" is this key
		Condition: iamdoc.Condition{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arns}},
	}
}
