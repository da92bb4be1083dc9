package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// patience is how long after its morning the installation may still be down without anybody being paged.
const patience = 30 * time.Minute

type tasks interface {
	ecs.DescribeServicesAPIClient
	ecs.DescribeTasksAPIClient
	ecs.ListTasksAPIClient
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

type databases interface {
	rds.DescribeDBInstancesAPIClient
	StartDBInstance(context.Context, *rds.StartDBInstanceInput, ...func(*rds.Options)) (*rds.StartDBInstanceOutput, error)
	StopDBInstance(context.Context, *rds.StopDBInstanceInput, ...func(*rds.Options)) (*rds.StopDBInstanceOutput, error)
}

type parameters interface {
	GetParameters(context.Context, *ssm.GetParametersInput, ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// hours lets an installation sleep.
type hours struct {
	settings
	tasks      tasks
	databases  databases
	parameters parameters
	now        func() time.Time
	out        io.Writer
}

// event is what the schedule sends.
type event struct {
	// Time is when the schedule fell due.
	Time time.Time `json:"time"`
}

// look does the next step, and prints it with the metric Asleep, by which the alarm that pages stays silent.
func (h hours) look(ctx context.Context, due event) (map[string]any, error) {
	if due.Time.IsZero() {
		due.Time = h.now() // somebody calls by hand
	}
	kept, until, err := h.remember(ctx)
	if err != nil {
		return nil, err
	}
	now, did, err := h.step(ctx, kept, due.Time, due.Time.Before(until) || h.calendar.open(due.Time))
	if now != kept {
		if err := h.keep(ctx, now); err != nil {
			return nil, err
		}
	}
	line := h.line(now, due.Time)
	line["did"] = did
	if err != nil {
		line["problem"] = err.Error()
	}
	if printing := json.NewEncoder(h.out).Encode(line); printing != nil {
		return nil, fmt.Errorf("print the metric: %w", printing)
	}
	return line, err
}

// step moves towards being awake or asleep. It gives what is to be remembered, also beside an error.
func (h hours) step(ctx context.Context, kept memory, at time.Time, wanted bool) (now memory, did string, err error) {
	now = kept
	switch {
	case !wanted:
		if kept.state != asleep {
			now = memory{asleep, at}
		}
		did, err = h.sleep(ctx)
		return now, did, err
	case kept.state == awake:
		return now, "nothing: it is awake", nil
	case kept.state == asleep:
		now = memory{waking, at}
	}
	did, up, err := h.wake(ctx)
	if up {
		now.state = awake
	}
	return now, did, err
}

// line is the metric in CloudWatch's embedded metric format
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
func (h hours) line(now memory, at time.Time) map[string]any {
	silent := 0
	if now.state == asleep || at.Before(now.since.Add(patience)) {
		silent = 1
	}
	return map[string]any{
		"Asleep": silent, "state": now.String(),
		"_aws": map[string]any{
			"Timestamp": h.now().UnixMilli(),
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace": h.namespace, "Dimensions": [][]string{{}}, "Metrics": []any{map[string]string{"Name": "Asleep", "Unit": "None"}},
			}},
		},
	}
}
