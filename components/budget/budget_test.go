package budget

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/pulumitest"
)

func args() *Args {
	return &Args{Name: "account", MonthlyUSD: 700, Emails: []string{"team@example.com"}}
}

func TestPeopleAreToldBeforeTheMoneyIsSpentAndWhenItWillBe(t *testing.T) {
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "budget", args())
		return err
	})
	month := r.One(t, "aws:budgets/budget:Budget", "budget-month")
	told := map[string]bool{}
	for _, each := range month.Input("notifications").([]any) {
		notification := each.(map[string]any)
		told[fmt.Sprint(notification["notificationType"], notification["threshold"], notification["subscriberEmailAddresses"])] = true
	}
	if month.Input("limitAmount") != "700" || !told["ACTUAL80 [team@example.com]"] || !told["FORECASTED100 [team@example.com]"] {
		t.Errorf("of %v people are told %v", month.Input("limitAmount"), told)
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return args() }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Name: is required":            func(a *Args) { a.Name = "" },
		"MonthlyUSD: 0: too small":     func(a *Args) { a.MonthlyUSD = 0 },
		"Emails: 0: too small":         func(a *Args) { a.Emails = nil },
		`"team": is no e-mail address`: func(a *Args) { a.Emails = []string{"team"} },
	})
}
