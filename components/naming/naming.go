// Package naming is the one scheme for physical names. Every name begins with the prefix of the settings and the stack, so
// that two stacks of one prefix never meet. Only the names of services, task definition families and workloads' log groups
// can go without the stack, for one stack per account and region. Names longer than AWS allows are cut with a hash of the
// whole, so that two long names never become one.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Longest names AWS accepts where a name is cut to fit, from the API references of the services. Limits of names that are
// refused when they are too long stand in package rules.
const (
	// LoadBalancerLimit holds for load balancers and target groups (elasticloadbalancing CreateLoadBalancer, Name).
	LoadBalancerLimit = 32
	// RoleLimit holds for roles (IAM CreateRole, RoleName).
	RoleLimit = 64
	// SecurityGroupLimit holds for security groups (EC2 CreateSecurityGroup, GroupName).
	SecurityGroupLimit = 255
	// FunctionLimit holds for functions (Lambda CreateFunction, FunctionName).
	FunctionLimit = 64
	// AlarmLimit holds for alarms and dashboards (CloudWatch PutMetricAlarm, AlarmName).
	AlarmLimit = 255
	// TopicLimit holds for topics (SNS CreateTopic, Name).
	TopicLimit = 256
	// SubscriptionLimit holds for subscriptions to events (RDS CreateEventSubscription, SubscriptionName: less than 255).
	SubscriptionLimit = 254
	// EventRuleLimit holds for rules (EventBridge PutRule, Name).
	EventRuleLimit = 64
	// ScheduleLimit holds for groups of schedules (EventBridge Scheduler CreateScheduleGroup, Name).
	ScheduleLimit = 64
	// familyLimit holds for task definition families and ECS services (ECS RegisterTaskDefinition, family).
	familyLimit = 255
)

// hashLength is how many hexadecimal digits tell cut names apart: 2^32 values.
const hashLength = 8

// Names makes the names of one stack.
type Names struct {
	prefix       string
	stack        string
	stackInNames bool
}

// New returns the names of a stack; stackInNames says whether those of Workload and LogGroup carry the stack, too. It
// refuses what rules.Prefix and rules.Stack refuse.
func New(prefix, stack string, stackInNames bool) (Names, error) {
	var list problems.List
	list.Take("prefix", rules.Prefix(prefix))
	list.Take("stack", rules.Stack(stack))
	if err := list.Err(); err != nil {
		return Names{}, err
	}
	return Names{prefix: prefix, stack: stack, stackInNames: stackInNames}, nil
}

// Prefix is the prefix of the settings.
func (n Names) Prefix() string { return n.prefix }

// Base begins every name that is unique in the account: `<prefix>-<stack>`.
func (n Names) Base() string { return n.prefix + "-" + n.stack }

// Tags are the tags of everything that the stack makes. By them it knows again what is its own.
func (n Names) Tags() map[string]string {
	return map[string]string{"Application": n.prefix, "Environment": n.stack, "ManagedBy": "pulumi"}
}

// Workload names what belongs to one workload inside the cluster: `<prefix>-<stack>-<parts>`, or without the stack such as
// asset-manager-web.
func (n Names) Workload(parts ...string) string {
	return Fit(join("-", n.workloads(), parts), familyLimit)
}

// Scoped names what is unique in the account or wider: `<prefix>-<stack>-<parts>`, cut to limit.
func (n Names) Scoped(limit int, parts ...string) string {
	return Fit(join("-", n.Base(), parts), limit)
}

// LogGroup names a log group of workloads: `<prefix>-<stack>/<parts>`, or without the stack such as asset-manager/web.
func (n Names) LogGroup(parts ...string) string {
	return join("/", n.workloads(), parts)
}

// Metrics is the namespace of the stack's own metrics: `Dagster/<prefix>-<stack>`.
func (n Names) Metrics() string {
	return "Dagster/" + n.Base()
}

// workloads begins the names that can go without the stack.
func (n Names) workloads() string {
	if n.stackInNames {
		return n.Base()
	}
	return n.prefix
}

// ParameterPath is the path under which the stack's parameters stand, without a slash at its end: `/<prefix>/<stack>`.
func (n Names) ParameterPath() string {
	return "/" + n.prefix + "/" + n.stack
}

// Fit returns name where it is no longer than limit, otherwise its beginning and a hash of the whole, together exactly
// limit long, with one hyphen between them. A limit too small for any beginning gives the hash's beginning.
func Fit(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	digest := hex.EncodeToString(sum[:])
	keep := limit - hashLength - 1
	if keep < 1 {
		return digest[:max(limit, 0)]
	}
	head := name[:keep]
	if !strings.HasSuffix(head, "-") {
		head += "-"
	}
	return head + digest[:limit-len(head)]
}

// join puts first and parts together with the separator between.
func join(separator, first string, parts []string) string {
	return strings.Join(append([]string{first}, parts...), separator)
}
