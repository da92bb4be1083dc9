package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// state is what the installation is in. The program that deploys it waits for awake.
type state string

const (
	// asleep is from the evening to the morning, also while runs under way hold the database.
	asleep state = "asleep"
	// waking is until the services run again.
	waking state = "waking"
	// awake is the rest, in which nothing is touched.
	awake state = "awake"
)

// memory is what the function keeps between its calls: a state and, but for asleep, since when it has been getting up.
type memory struct {
	state state
	since time.Time
}

func (m memory) String() string { return string(m.state) + " " + m.since.UTC().Format(time.RFC3339) }

// remember reads what was kept, and until when somebody wants the installation awake.
func (h hours) remember(ctx context.Context) (kept memory, until time.Time, err error) {
	found, err := h.parameters.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{h.memory, h.until}})
	if err != nil {
		return memory{}, time.Time{}, fmt.Errorf("read the parameters: %w", err)
	}
	values := map[string]string{}
	for _, each := range found.Parameters {
		values[aws.ToString(each.Name)] = aws.ToString(each.Value)
	}
	name, since, _ := strings.Cut(values[h.memory], " ")
	kept.state = state(name)
	if kept.since, err = time.Parse(time.RFC3339, since); err != nil {
		return memory{}, time.Time{}, fmt.Errorf("read the parameter %s: %w", h.memory, err)
	}
	if until, err = time.Parse(time.RFC3339, values[h.until]); err != nil {
		return memory{}, time.Time{}, fmt.Errorf("read the parameter %s, which is such as 2026-01-31T22:00:00Z: %w", h.until, err)
	}
	return kept, until, nil
}

func (h hours) keep(ctx context.Context, now memory) error {
	_, err := h.parameters.PutParameter(ctx, &ssm.PutParameterInput{
		Name: &h.memory, Value: aws.String(now.String()), Overwrite: aws.Bool(true), Type: types.ParameterTypeString,
	})
	if err != nil {
		return fmt.Errorf("write the parameter %s: %w", h.memory, err)
	}
	return nil
}
