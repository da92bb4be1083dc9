package service

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/internal/rollout"
)

// rollouts gives the same answer to each question, and notes who asked.
type rollouts struct {
	err     error
	awaited []rollout.Service
	looked  []rollout.Service
}

func (r *rollouts) Await(_ context.Context, service rollout.Service, tell func(string)) error {
	tell("on the way")
	r.awaited = append(r.awaited, service)
	return r.err
}

func (r *rollouts) Look(_ context.Context, service rollout.Service) error {
	r.looked = append(r.looked, service)
	return r.err
}

// run makes a service in a program, and does then at the time of its hooks, and gives the program's error.
func run(t *testing.T, with *rollouts, then func(*builder), options ...pulumitest.Option) error {
	t.Helper()
	args := &Args{
		Workload: workload.Args{
			Spec: workloadtest.Spec(t, "web"), Kind: "web",
			Container: workload.Container{Command: []string{"serve"}, StopSeconds: 30},
		},
		Count: 1, MinPercent: 100, MaxPercent: 200,
	}
	args.Workload.Spec.Platform.Rollouts = with
	return pulumitest.New(options...).Run(func(ctx *pulumi.Context) error {
		made := &Service{}
		scope, err := component.Open(ctx, TypeToken, "it", made, args)
		if err != nil {
			return err
		}
		b := &builder{Scope: scope, Service: made, args: args}
		if err := scope.Run(b.buildWorkload, b.follow); err != nil {
			return err
		}
		then(b) // hooks are called before the program knows the service's id
		if err := b.keepRunning(); err != nil {
			return err
		}
		return scope.Close(pulumi.Map{"taskDefinitionArn": b.running})
	})
}

const definition = "arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-web:1"

func TestAnUpdateThatChangesNothingFailsWhereTheServiceDoesNotRunWhatItWasGiven(t *testing.T) {
	asked := &rollouts{}
	if err := run(t, asked, func(*builder) {}); err != nil {
		t.Fatal(err)
	}
	want := rollout.Service{Cluster: "fulcrum-cluster", Name: "asset-manager-web", Definition: definition}
	if len(asked.awaited) != 1 || asked.awaited[0] != want {
		t.Errorf("it asked for %+v, want %+v", asked.awaited, want)
	}
	err := run(t, &rollouts{err: errors.New("taken back")}, func(*builder) {})
	if err == nil || strings.Count(err.Error(), "taken back") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestADeploymentThatFailsIsToldByItsHookAndNotOnceMore(t *testing.T) {
	asked := &rollouts{err: errors.New("taken back")}
	var told, held error
	err := run(t, asked, func(b *builder) {
		told = b.after[0].Callback(nil)
		held = b.Deployed.Hooks[0].Callback(nil)
	})
	if err != nil || told == nil || told.Error() != "taken back" {
		t.Errorf("the hook said %v, and the program %v", told, err)
	}
	if held == nil || held.Error() != "left as it is, since service asset-manager-web does not run what it was given" {
		t.Errorf("what waits for it got %v", held)
	}
	if len(asked.awaited) != 1 || !asked.awaited[0].Changed {
		t.Errorf("it asked for %+v, want once, after a change", asked.awaited)
	}
}

func TestWhatWaitsForAServiceThatRunsWhatItWasGivenGoesOn(t *testing.T) {
	if err := run(t, &rollouts{}, func(b *builder) {
		if held := b.Deployed.Hooks[0].Callback(nil); held != nil {
			t.Errorf("it is held back by %v", held)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAPreviewLooksAndFailsNever(t *testing.T) {
	for name, err := range map[string]error{"failed": &rollout.Failure{}, "refused": errors.New("AccessDenied")} {
		asked := &rollouts{err: err}
		if err := run(t, asked, func(b *builder) {
			if err := b.deployed.warn(definition); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}, pulumitest.Unknown()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if len(asked.awaited) != 0 || len(asked.looked) != 1 {
			t.Errorf("%s: it waited for %v and looked at %v", name, asked.awaited, asked.looked)
		}
	}
}
