package alarms

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/naming"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:alarms:Alarms"

const (
	// paging is the key of the alarm that pages.
	paging = "down"
	// silencing is the key of the alarm that tells nobody, and keeps the one that pages silent.
	silencing = "asleep"
)

// Alarms are the alarms of a stack.
type Alarms struct {
	pulumi.ResourceState

	// DashboardName is the dashboard, known at plan time.
	DashboardName string
}

type builder struct {
	*component.Scope
	*Alarms
	args *Args
	made map[string]*cloudwatch.MetricAlarm
}

// PagingName is the name of the alarm that pages.
func PagingName(names naming.Names) string { return names.Scoped(naming.AlarmLimit, paging) }

// New builds the alarms, the dashboard and the queries.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Alarms, error) {
	alarms := &Alarms{}
	scope, err := component.Open(ctx, TypeToken, name, alarms, args, opts...)
	if err != nil {
		return nil, err
	}
	alarms.DashboardName = args.Names.Base()
	b := &builder{Scope: scope, Alarms: alarms, args: args, made: map[string]*cloudwatch.MetricAlarm{}}
	if err := scope.Run(b.countLines, b.createAlarms, b.createPaging, b.createDashboard, b.saveQueries); err != nil {
		return nil, err
	}
	return alarms, scope.Close(pulumi.Map{"dashboardName": pulumi.String(alarms.DashboardName)})
}

func (b *builder) createAlarms() error {
	for _, each := range b.catalog() {
		made, err := cloudwatch.NewMetricAlarm(b.Ctx, b.Child(each.key), b.alarmArgs(each), b.Options()...)
		if err != nil {
			return fmt.Errorf("create alarm %s: %w", each.key, err)
		}
		b.made[each.key] = made
	}
	return nil
}

func (b *builder) alarmArgs(of alarm) *cloudwatch.MetricAlarmArgs {
	var tell pulumi.Array
	if !of.quiet {
		tell = pulumi.Array{b.args.TopicArn}
	}
	args := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(b.args.Names.Scoped(naming.AlarmLimit, of.key)),
		AlarmDescription:   pulumi.String(description(of.what, cmp.Or(of.section, of.key))),
		ComparisonOperator: pulumi.String("GreaterThanThreshold"),
		Threshold:          pulumi.Float64(of.limit),
		EvaluationPeriods:  pulumi.Int(of.periods),
		DatapointsToAlarm:  pulumi.Int(of.wrong),
		TreatMissingData:   pulumi.String(of.missing),
		AlarmActions:       tell,
		OkActions:          tell,
	}
	if of.below {
		args.ComparisonOperator = pulumi.String("LessThanThreshold")
	}
	if of.expression == "" {
		metric := of.of[0]
		args.Namespace, args.MetricName = pulumi.String(metric.namespace), pulumi.String(metric.name)
		args.Dimensions, args.Statistic = metric.dimensions, pulumi.String(metric.statistic)
		args.Period = pulumi.Int(of.seconds)
		return args
	}
	queries := cloudwatch.MetricAlarmMetricQueryArray{&cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("e1"), Expression: pulumi.String(of.expression), Label: pulumi.String(of.key), ReturnData: pulumi.Bool(true),
	}}
	for i, metric := range of.of {
		queries = append(queries, metric.query(fmt.Sprintf("m%d", i+1), of.seconds))
	}
	args.MetricQueries = queries
	return args
}

// createPaging makes the alarm that pages: one of those that mean that Dagster is down. It stays silent on the others, which
// can wait until morning.
func (b *builder) createPaging() error {
	var parts []string
	var needed []pulumi.Resource
	for _, each := range b.down() {
		parts = append(parts, fmt.Sprintf("ALARM(%q)", b.args.Names.Scoped(naming.AlarmLimit, each.key)))
		needed = append(needed, b.made[each.key])
	}
	rule := strings.Join(parts, " OR ")
	if b.args.Sleeps {
		rule = fmt.Sprintf("(%s) AND NOT ALARM(%q)", rule, b.args.Names.Scoped(naming.AlarmLimit, silencing))
		needed = append(needed, b.made[silencing])
	}
	tell := pulumi.StringArray{b.args.TopicArn}
	if _, err := cloudwatch.NewCompositeAlarm(b.Ctx, b.Child(paging), &cloudwatch.CompositeAlarmArgs{
		AlarmName:        pulumi.String(PagingName(b.args.Names)),
		AlarmDescription: pulumi.String(description("Dagster is down", paging)),
		AlarmRule:        pulumi.String(rule),
		AlarmActions:     tell,
		OkActions:        tell,
		// the rule has their names only
	}, b.Options(pulumi.DependsOn(needed))...); err != nil {
		return fmt.Errorf("create alarm %s: %w", paging, err)
	}
	return nil
}

// description is what a person reads who is told.
func description(what, section string) string {
	return fmt.Sprintf("%s. What to do: docs/operations.md#%s", what, section)
}
