package alarms

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The statistics of metrics.
const (
	average = "Average"
	maximum = "Maximum"
	minimum = "Minimum"
	sum     = "Sum"
	// sampleCount is how often something was measured.
	sampleCount = "SampleCount"
)

// How often metrics are looked at, in seconds.
const (
	minute      = 60
	fiveMinutes = 300
	day         = 86400
)

// metric is a metric of CloudWatch.
type metric struct {
	namespace, name string
	dimensions      pulumi.StringMap
	statistic       string
}

// own is a metric of the monitor or of a filter, which have the stack's namespace and no dimensions.
func (b *builder) own(name, statistic string) metric {
	return metric{namespace: b.args.Names.Metrics(), name: name, statistic: statistic}
}

// service is a metric that ECS has of a service.
func (b *builder) service(name string, of Service) metric {
	return metric{
		namespace: "AWS/ECS", name: name, statistic: average,
		dimensions: pulumi.StringMap{"ClusterName": pulumi.String(b.args.Cluster), "ServiceName": pulumi.String(of.Name)},
	}
}

// runs is a metric that Container Insights has of the runs.
func (b *builder) runs(name string) metric {
	return metric{
		namespace: "ECS/ContainerInsights", name: name, statistic: maximum,
		dimensions: pulumi.StringMap{
			"ClusterName": pulumi.String(b.args.Cluster), "TaskDefinitionFamily": pulumi.String(b.args.Runs.Family),
		},
	}
}

// database is a metric that RDS has of the instance.
func (b *builder) database(name, statistic string) metric {
	return metric{
		namespace: "AWS/RDS", name: name, statistic: statistic,
		dimensions: pulumi.StringMap{"DBInstanceIdentifier": pulumi.String(b.args.Database.ID)},
	}
}

// scheduler is a metric that EventBridge Scheduler has of the maintenance's schedule.
func (b *builder) scheduler(name, statistic string) metric {
	return metric{
		namespace: "AWS/Scheduler", name: name, statistic: statistic,
		dimensions: pulumi.StringMap{"ScheduleGroup": pulumi.String(b.args.Maintenance.ScheduleGroup)},
	}
}

// balancer is a metric of the load balancer alone, targets one of its target group.
func (b *builder) balancer(name, statistic string) metric {
	return metric{
		namespace: "AWS/ApplicationELB", name: name, statistic: statistic,
		dimensions: pulumi.StringMap{"LoadBalancer": b.args.Webserver.Balancer},
	}
}

func (b *builder) targets(name, statistic string) metric {
	m := b.balancer(name, statistic)
	m.dimensions["TargetGroup"] = b.args.Webserver.Targets
	return m
}

// query is the metric as a part of an expression.
func (m metric) query(id string, period int) cloudwatch.MetricAlarmMetricQueryInput {
	return &cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String(id),
		Metric: &cloudwatch.MetricAlarmMetricQueryMetricArgs{
			Namespace: pulumi.String(m.namespace), MetricName: pulumi.String(m.name), Dimensions: m.dimensions,
			Stat: pulumi.String(m.statistic), Period: pulumi.Int(period),
		},
	}
}

// sortedKeys are the names of dimensions, in one order each time.
func sortedKeys(dimensions pulumi.StringMap) []string { return slices.Sorted(maps.Keys(dimensions)) }
