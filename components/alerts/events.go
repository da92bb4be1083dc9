package alerts

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/naming"
)

// pattern is what an event must look like.
type pattern map[string]any

// event is a kind of event that is told.
type event struct {
	// kind is its short name.
	kind string
	// what says in a sentence what happened.
	what string
	// matches is what it looks like.
	matches pattern
	// paths are what is told of it, by name, and text the sentence with <name> in it.
	paths map[string]string
	text  string
}

// events are those of the tasks and of AWS's health, as their documents describe them:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html, ecs_service_deployment_events.html, and
// https://docs.aws.amazon.com/health/latest/ug/cloudwatch-events-health.html.
func (b *builder) events() []event {
	var families []any
	for _, family := range b.args.Tasks.Families {
		families = append(families, map[string]string{"prefix": b.args.Location.ARN("ecs", "task-definition/"+family+":")})
	}
	var services []string
	for _, service := range b.args.Tasks.Services {
		services = append(services, b.args.Location.ARN("ecs", "service/"+b.args.Tasks.Cluster.Name+"/"+service))
	}
	stopped := func(more pattern) pattern {
		detail := pattern{
			"clusterArn": []any{b.args.Tasks.Cluster.Arn}, "taskDefinitionArn": families, "lastStatus": []string{"STOPPED"},
		}
		for key, value := range more {
			detail[key] = value
		}
		return pattern{"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Task State Change"}, "detail": detail}
	}
	task := map[string]string{
		"task": "$.detail.taskArn", "group": "$.detail.group", "code": "$.detail.stopCode", "reason": "$.detail.stoppedReason",
	}
	const says = "<group> stopped with <code>: <reason>. Task: <task>. See docs/operations.md, "
	return []event{
		{
			kind: "task-not-started", what: "A task could not be started",
			matches: stopped(pattern{"stopCode": []string{"TaskFailedToStart"}}),
			paths:   task, text: says + "task-not-started",
		},
		{
			kind: "task-failed", what: "A container ended with an error",
			matches: stopped(pattern{
				"stopCode":   []string{"EssentialContainerExited"},
				"containers": pattern{"exitCode": []any{map[string]any{"anything-but": []int{0}}}},
			}),
			paths: task, text: says + "task-failed",
		},
		{
			kind: "spot-taken", what: "AWS took Spot capacity back",
			matches: stopped(pattern{"stopCode": []string{"SpotInterruption"}}),
			paths:   task, text: says + "spot-taken",
		},
		{
			kind: "deployment-failed", what: "A deployment of a service failed",
			matches: pattern{
				"source": []string{"aws.ecs"}, "detail-type": []string{"ECS Deployment State Change"},
				"resources": services, "detail": pattern{"eventName": []string{"SERVICE_DEPLOYMENT_FAILED"}},
			},
			paths: map[string]string{"service": "$.resources[0]", "reason": "$.detail.reason"},
			text:  "The deployment of <service> failed: <reason>. See docs/operations.md, deployment-failed",
		},
		{
			kind: "health", what: "AWS has trouble with a service that Dagster uses",
			matches: pattern{
				"source": []string{"aws.health"}, "detail-type": []string{"AWS Health Event"},
				"detail": pattern{
					"eventTypeCategory": []string{"issue", "scheduledChange"},
					"service":           []string{"CLOUDWATCH", "EC2", "ECR", "ECS", "ELASTICLOADBALANCING", "KMS", "LAMBDA", "RDS", "S3", "SSM", "VPC"},
				},
			},
			paths: map[string]string{"service": "$.detail.service", "type": "$.detail.eventTypeCode", "start": "$.detail.startTime"},
			text:  "AWS Health: <type> of <service> since <start>. See docs/operations.md, health",
		},
	}
}

func (b *builder) tellEvents() error {
	for _, each := range b.events() {
		rule, err := cloudwatch.NewEventRule(b.Ctx, b.Child("event-"+each.kind), &cloudwatch.EventRuleArgs{
			Name:         pulumi.String(b.args.Names.Scoped(naming.EventRuleLimit, each.kind)),
			Description:  pulumi.String(each.what),
			EventPattern: pulumi.JSONMarshal(each.matches).ToStringPtrOutput(),
		}, b.Options()...)
		if err != nil {
			return fmt.Errorf("create rule %s: %w", each.kind, err)
		}
		if _, err := cloudwatch.NewEventTarget(b.Ctx, b.Child("event-"+each.kind+"-target"), &cloudwatch.EventTargetArgs{
			Rule: rule.Name, TargetId: pulumi.String("alerts"), Arn: b.TopicArn,
			InputTransformer: &cloudwatch.EventTargetInputTransformerArgs{
				InputPaths: pulumi.ToStringMap(each.paths), InputTemplate: pulumi.String(`"` + each.text + `"`),
			},
		}, b.Options()...); err != nil {
			return fmt.Errorf("tell %s: %w", each.kind, err)
		}
	}
	return nil
}
