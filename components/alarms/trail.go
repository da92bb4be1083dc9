package alarms

import (
	"fmt"
	"strings"
)

// deed is what somebody did in the account, as events of CloudTrail tell it.
type deed struct {
	// key ends the alarm's name, what says what is wrong.
	key, what string
	// metric counts the events that match the pattern; from tooMany on within five minutes the alarm fires.
	metric, pattern string
	tooMany         int
}

// deeds are those of the CIS AWS Foundations Benchmark that concern who may do what and what can still be read
// (Security Hub user guide, CloudWatch.1, 2, 4, 5, 7 and 8), with its patterns. One refused call is a slip, many are a search.
var deeds = []deed{
	{
		"audit-root", "Somebody works as the account's root user", "RootUse",
		`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`, 1,
	},
	{
		"audit-refused", "AWS refuses calls of somebody again and again", "CallsRefused",
		`{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`, 5,
	},
	{
		"audit-policies", "A policy of a role, a user, a group or a key was changed", "PoliciesChanged",
		named(
			"DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy",
			"DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy",
			"DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy", "PutKeyPolicy",
		), 1,
	},
	{
		"audit-buckets", "Who may use a bucket, or what becomes of its objects, was changed", "BucketsChanged",
		"{ ($.eventSource = s3.amazonaws.com) && (" + anyOf(
			"PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication", "DeleteBucketPolicy",
			"DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
		) + ") }", 1,
	},
	{
		"audit-keys", "A key was switched off or is to be deleted", "KeysDeleted",
		`{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }`, 1,
	},
	{
		"audit-trail", "A trail was changed: what is done from now on may be recorded nowhere", "TrailsChanged",
		named("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"), 1,
	},
}

// named is the pattern of calls by their names.
func named(calls ...string) string { return "{ " + anyOf(calls...) + " }" }

func anyOf(calls ...string) string {
	var parts []string
	for _, call := range calls {
		parts = append(parts, fmt.Sprintf("($.eventName = %s)", call))
	}
	return strings.Join(parts, " || ")
}

// audit are the alarms on what is done in the account.
func (b *builder) audit() (all []alarm) {
	if b.args.Logs.Trail == nil {
		return nil
	}
	for _, each := range deeds {
		all = append(all, b.counted(each.key, each.what, each.metric, each.tooMany, fiveMinutes))
	}
	return all
}
