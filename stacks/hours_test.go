package stacks_test

import (
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/pulumitest"
)

func TestAStackWithHoursLeavesItsServicesToThem(t *testing.T) {
	answerAWS(t)
	r := recordWith(t, sleeping)
	for _, name := range []string{"webserver-service", "daemon-service"} {
		if ignored := r.One(t, "aws:ecs/service:Service", name).IgnoreChanges; !slices.Contains(ignored, "desiredCount") {
			t.Errorf("an update would get %s up at night: it ignores %v", name, ignored)
		}
	}
	function := r.One(t, "aws:lambda/function:Function", "hours-function")
	for _, service := range []string{"webserver-service", "daemon-service"} {
		if !slices.Contains(function.Dependencies, service) {
			t.Errorf("the function can stop the database before %s is there: it waits for %v", service, function.Dependencies)
		}
	}
}

func TestNobodyIsToldOfTheNight(t *testing.T) {
	answerAWS(t)
	r := recordWith(t, sleeping)
	down := r.One(t, "aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarms-down")
	rule, _ := down.Input("alarmRule").(string)
	if !strings.HasPrefix(rule, "(") || !strings.HasSuffix(rule, `) AND NOT ALARM("asset-manager-dev-asleep")`) || down.Input("alarmActions") == nil {
		t.Errorf("the alarm that pages is %v", down.Inputs)
	}
	for _, name := range []string{"webserver-answers", "webserver-targets", "daemon-heartbeats", "asleep"} {
		alarm := r.One(t, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-"+name)
		if told := slices.Concat(list(alarm, "alarmActions"), list(alarm, "okActions")); len(told) > 0 {
			t.Errorf("%s tells %v", name, told)
		}
	}
	if told := list(r.One(t, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-bucket"), "alarmActions"); len(told) != 1 {
		t.Errorf("what fails at night as well is told to %v", told)
	}
}

func list(of pulumitest.Resource, input string) []any {
	all, _ := of.Input(input).([]any)
	return all
}
