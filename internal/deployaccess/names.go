package deployaccess

import (
	"slices"

	"dagster-ecs/components/naming"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/rules"
)

// stack knows the physical names of a stack. Tests compare them with those of the goldens.
type stack struct {
	config.Settings
	names naming.Names
	// here is where the stack is, there where its copies are.
	here, there iamdoc.Scope
}

const (
	execution = "execution"
	task      = "task"
)

var (
	// services are the kinds of tasks that run all the time; single ones are started by the program.
	services = []string{"web", "daemon"}
	single   = []string{"gateway", "migration"}
	// maintenance is started by a schedule.
	maintenance = "maintenance"
)

// runs are started by the daemon.
const runs = "run"

// regions are those that the stack has something in.
func (s *stack) regions() []iamdoc.Scope {
	if s.ReplicaRegion == "" {
		return []iamdoc.Scope{s.here}
	}
	return []iamdoc.Scope{s.here, s.there}
}

func (s *stack) role(parts ...string) string { return s.names.Scoped(naming.RoleLimit, parts...) }

func (s *stack) roleARN(parts ...string) any {
	return s.here.GlobalARN("iam", "role/"+s.role(parts...))
}

// kinds are those of all tasks.
var kinds = slices.Concat([]string{runs}, services, single, []string{maintenance})

// taskRoles are the roles that tasks are started with.
func (s *stack) taskRoles(kinds ...string) (arns []any) {
	for _, kind := range kinds {
		arns = append(arns, s.roleARN(kind, execution), s.roleARN(kind, task))
	}
	return arns
}

func (s *stack) scheduleRole() any    { return s.roleARN(maintenance, "schedule") }
func (s *stack) flowLogsRole() any    { return s.roleARN("flow-logs") }
func (s *stack) replicationRole() any { return s.roleARN("replication") }
func (s *stack) monitoringRole() any {
	// The database's name is cut before it is lengthened.
	name := naming.Fit(s.database()+"-database-monitoring", naming.RoleLimit)
	return s.here.GlobalARN("iam", "role/"+name)
}

// roles are all roles of the stack.
func (s *stack) roles() []any {
	all := append(s.taskRoles(kinds...), s.flowLogsRole(), s.replicationRole(), s.monitoringRole(), s.scheduleRole())
	for _, kind := range functions {
		all = append(all, s.roleARN(kind))
	}
	if s.Alerts.SlackTeam != "" {
		all = append(all, s.roleARN("slack"))
	}
	if s.Audit.Trail == rules.TrailStack {
		all = append(all, s.roleARN(trail))
	}
	return all
}

func (s *stack) database() string { return s.names.Scoped(rules.DatabaseIdentifierLimit) }

// buckets are the bucket, that of access logs, the copy, that of its access logs and the trail's, which may be on their way out.
func (s *stack) buckets() []string {
	name := s.Bucket.Name
	if name == "" {
		name = s.names.Scoped(rules.BucketNameLimit, s.Account, s.Region)
	}
	return []string{name, name + "-logs", name + "-replica", name + "-logs-2", name + trailSuffix}
}

func (s *stack) bucketARNs(rest string) (arns []any) {
	for _, name := range s.buckets() {
		arns = append(arns, s.here.BucketARN(name+rest))
	}
	return arns
}

func (s *stack) clusterARN() string { return s.here.ARN("ecs", "cluster/"+s.Cluster.ClusterName()) }

func (s *stack) anyCluster() any { return s.here.ARN("ecs", "cluster/*") }

func (s *stack) inCluster(kind, name string) any {
	return s.here.ARN("ecs", kind+"/"+s.Cluster.ClusterName()+"/"+name)
}

// serviceARNs are in any cluster: a stack that moves leaves the services in the old one.
func (s *stack) serviceARNs() (arns []any) {
	for _, kind := range services {
		arns = append(arns, s.here.ARN("ecs", "service/*/"+s.names.Workload(kind)))
	}
	return arns
}

func (s *stack) definitions(kinds ...string) (arns []any) {
	for _, kind := range kinds {
		arns = append(arns, s.here.ARN("ecs", "task-definition/"+s.names.Workload(kind)+":*"))
	}
	return arns
}

// logGroups are the groups of the stack, one by one.
func (s *stack) logGroups() []any {
	return s.groups("web", "daemon", "runs", monitor, hours, trail, maintenance)
}

// groups are given as AWS's reference writes them and as IAM knows them from before.
func (s *stack) groups(kinds ...string) (arns []any) {
	groups := []string{"/aws/rds/instance/" + s.database() + "/*", s.names.Base() + "/flow-logs"}
	for _, kind := range kinds {
		groups = append(groups, s.names.LogGroup(kind))
	}
	for _, group := range groups {
		arns = append(arns, s.here.ARN("logs", "log-group:"+group), s.here.ARN("logs", "log-group:"+group+":*"))
	}
	return arns
}

func (s *stack) parameters() []any {
	return []any{s.here.ARN("ssm", "parameter"+s.names.ParameterPath()+"/*")}
}

// own is the condition that something bears the tags of the stack.
func (s *stack) own(operator string) iamdoc.Condition { return s.tagged(operator, "aws:ResourceTag/") }

// asked is the condition that something gets the tags of the stack as it is made.
func (s *stack) asked() iamdoc.Condition { return s.tagged("StringEquals", "aws:RequestTag/") }

func (s *stack) tagged(operator, prefix string) iamdoc.Condition {
	tags := s.names.Tags()
	return iamdoc.Condition{operator: {
		prefix + "Application": tags["Application"], prefix + "Environment": tags["Environment"],
	}}
}

// also puts further keys beside those of a condition.
func also(condition iamdoc.Condition, operator string, keys map[string]any) iamdoc.Condition {
	if condition[operator] == nil {
		condition[operator] = map[string]any{}
	}
	for key, value := range keys {
		condition[operator][key] = value
	}
	return condition
}

// balancer is the name of the load balancer and of its target group.
func (s *stack) balancer() string { return s.names.Scoped(naming.LoadBalancerLimit, "web") }
