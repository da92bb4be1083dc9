package budget

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/budgets"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:budget:Budget"

// spentPercent is the share of the budget at which people are told that it is being spent.
const spentPercent = 80

// Args describe the budget. It counts what the whole account costs.
type Args struct {
	// Name is the budget's name; required.
	Name string
	// MonthlyUSD is what a month may cost in US dollars, at least 1; required.
	MonthlyUSD int
	// Emails are told, at most 10 (AWS Budgets' quota for a notification); required.
	Emails []string
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Required("Name", a.Name)
	list.Between("MonthlyUSD", a.MonthlyUSD, 1, 100_000_000)
	list.Between("Emails", len(a.Emails), 1, 10)
	list.Take("Emails", rules.Emails(a.Emails))
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map { return pulumi.Map{"monthlyUsd": pulumi.Int(a.MonthlyUSD)} }

// Budget is the budget.
type Budget struct{ pulumi.ResourceState }

// New makes the budget.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Budget, error) {
	budget := &Budget{}
	scope, err := component.Open(ctx, TypeToken, name, budget, args, opts...)
	if err != nil {
		return nil, err
	}
	tell := func(kind string, percent float64) *budgets.BudgetNotificationArgs {
		return &budgets.BudgetNotificationArgs{
			ComparisonOperator: pulumi.String("GREATER_THAN"), NotificationType: pulumi.String(kind),
			Threshold: pulumi.Float64(percent), ThresholdType: pulumi.String("PERCENTAGE"),
			SubscriberEmailAddresses: pulumi.ToStringArray(args.Emails),
		}
	}
	if _, err := budgets.NewBudget(ctx, scope.Child("month"), &budgets.BudgetArgs{
		Name: pulumi.String(args.Name), BudgetType: pulumi.String("COST"), TimeUnit: pulumi.String("MONTHLY"),
		LimitAmount: pulumi.Sprintf("%d", args.MonthlyUSD), LimitUnit: pulumi.String("USD"),
		Notifications: budgets.BudgetNotificationArray{tell("ACTUAL", spentPercent), tell("FORECASTED", 100)},
	}, scope.Options()...); err != nil {
		return nil, fmt.Errorf("%s: create budget %s: %w", name, args.Name, err)
	}
	return budget, scope.Close(pulumi.Map{})
}
