package maintenance

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/scheduler"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/grants"
)

// retries and retrySeconds are how often and for how long a task is tried to be started that ECS did not start. The next
// day is early enough for what lasts longer.
const retries, retrySeconds = 5, 3600

// createRole makes the role that EventBridge Scheduler starts the task by.
func (b *builder) createRole() (err error) {
	platform := b.args.Spec.Platform
	b.role, err = servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "schedule",
		Name:        platform.Names.Scoped(naming.RoleLimit, Kind, "schedule"),
		Description: "The schedule of " + b.Family,
		Trust:       servicerole.Trust("scheduler.amazonaws.com", platform.Location.Account),
		Statements: grants.Schedule(platform.Tasks(), b.Family, []pulumi.StringInput{
			b.workload.TaskRoleArn, b.workload.ExecutionRoleArn,
		}),
	})
	return err
}

// createGroup makes the schedule's group: EventBridge Scheduler measures by groups.
func (b *builder) createGroup() (err error) {
	b.ScheduleGroup = b.args.Spec.Platform.Names.Scoped(naming.ScheduleLimit)
	b.group, err = scheduler.NewScheduleGroup(b.Ctx, b.Child("group"), &scheduler.ScheduleGroupArgs{
		Name: pulumi.String(b.ScheduleGroup),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create schedule group %s: %w", b.ScheduleGroup, err)
	}
	return nil
}

func (b *builder) schedule() error {
	platform := b.args.Spec.Platform
	needed := append([]pulumi.Resource{b.role.Policy}, b.workload.Needed...)
	if _, err := scheduler.NewSchedule(b.Ctx, b.Child("schedule"), &scheduler.ScheduleArgs{
		Name:                       pulumi.String(Kind),
		GroupName:                  b.group.Name,
		Description:                pulumi.String("Starts " + b.Family),
		ScheduleExpression:         pulumi.String(b.args.Schedule.expression()),
		ScheduleExpressionTimezone: pulumi.String(b.args.Schedule.Timezone),
		FlexibleTimeWindow:         &scheduler.ScheduleFlexibleTimeWindowArgs{Mode: pulumi.String("OFF")},
		Target: &scheduler.ScheduleTargetArgs{
			Arn:     platform.Cluster.Arn,
			RoleArn: b.role.Arn,
			RetryPolicy: &scheduler.ScheduleTargetRetryPolicyArgs{
				MaximumRetryAttempts: pulumi.Int(retries), MaximumEventAgeInSeconds: pulumi.Int(retrySeconds),
			},
			EcsParameters: &scheduler.ScheduleTargetEcsParametersArgs{
				TaskDefinitionArn:    b.workload.TaskDefinitionArn,
				LaunchType:           pulumi.String("FARGATE"),
				TaskCount:            pulumi.Int(1),
				PropagateTags:        pulumi.String("TASK_DEFINITION"),
				EnableEcsManagedTags: pulumi.Bool(true),
				NetworkConfiguration: &scheduler.ScheduleTargetEcsParametersNetworkConfigurationArgs{
					Subnets: platform.Subnets, SecurityGroups: pulumi.StringArray{b.workload.SecurityGroupID},
				},
			},
		},
		// The first call needs the tables, and what the role may do.
	}, b.Options(pulumi.DependsOn(append(needed, b.args.Ready...)))...); err != nil {
		return fmt.Errorf("schedule %s: %w", b.Family, err)
	}
	return nil
}

// expression is the time as EventBridge Scheduler reads it: minutes, hours, day of the month, month, day of the week, year.
func (s Schedule) expression() string {
	at, _ := time.Parse("15:04", s.Time) // Validate has refused others
	days := make([]string, len(s.Weekdays))
	for i, day := range s.Weekdays {
		days[i] = strings.ToUpper(string(day))
	}
	return fmt.Sprintf("cron(%d %d ? * %s *)", at.Minute(), at.Hour(), strings.Join(days, ","))
}
