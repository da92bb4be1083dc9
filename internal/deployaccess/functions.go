package deployaccess

import (
	"slices"

	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// monitor and hours are the short names of the functions that look at Dagster and that let it sleep; archives is where their
// archives lie in the bucket.
const (
	monitor  = "monitor"
	hours    = "hours"
	archives = "/dagster/functions/*"
)

// functions are all of them: one that the settings switch off has to be deleted.
var functions = []string{hours, monitor}

// events are the rules for what AWS does.
var events = []string{"task-not-started", "task-failed", "spot-taken", "deployment-failed", "health"}

func (s *stack) functionARNs() (arns []any) {
	for _, kind := range functions {
		arns = append(arns, s.here.ARN("lambda", "function:"+s.names.Scoped(naming.FunctionLimit, kind)))
	}
	return arns
}

func (s *stack) eventRules() (arns []any) {
	for _, name := range slices.Concat(functions, events) {
		arns = append(arns, s.here.ARN("events", "rule/"+s.names.Scoped(naming.EventRuleLimit, name)))
	}
	return arns
}

func (s *stack) readFunctions() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadFunctions",
			Action: []string{
				"lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration",
				"lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy", "lambda:ListTags", "lambda:ListVersionsByFunction",
			},
			Resource: s.functionARNs(),
		},
		{
			Sid: "ReadRules", Action: []string{"events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"},
			Resource: s.eventRules(),
		},
	}
}

func (s *stack) changeFunctions() []iamdoc.Statement {
	var roles []any
	for _, kind := range functions {
		roles = append(roles, s.roleARN(kind))
	}
	return []iamdoc.Statement{
		pass("PassToLambda", "lambda", roles...),
		{
			Sid: "KeepFunctions",
			Action: []string{
				"lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig",
				"lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource",
				"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionEventInvokeConfig",
			},
			Resource: s.functionARNs(),
		},
		{
			// Lambda reads the archive with the rights of who deploys (Lambda API reference, CreateFunction)
			Sid: "KeepArchives", Action: []string{"s3:GetObject", "s3:PutObject"},
			Resource: []any{s.here.BucketARN(s.buckets()[0] + archives)},
		},
		{
			Sid: "KeepRules",
			Action: []string{
				"events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
			},
			Resource: s.eventRules(),
		},
	}
}
