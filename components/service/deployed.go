package service

import (
	"errors"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/rollout"
)

// deployed is what becomes of the service's deployment. It is asked for when the service was created or changed, by what
// may only change once the service runs what it was given, and in any case at the end of an update: Pulumi's state does
// not know that ECS has taken a service back. ECS is asked once an update.
type deployed struct {
	*builder
	rollouts workload.Rollouts
	once     sync.Once
	told     bool
	err      error
}

// follow makes the hooks; without anybody to ask it makes none.
func (b *builder) follow() error {
	rollouts := b.args.Workload.Spec.Platform.Rollouts
	if rollouts == nil {
		return nil
	}
	b.deployed = &deployed{builder: b, rollouts: rollouts}
	after, err := b.Ctx.RegisterResourceHook(b.Child("deployed"), b.deployed.after, nil)
	if err != nil {
		return fmt.Errorf("register hook of service %s: %w", b.workload.Family, err)
	}
	gate, err := b.Ctx.RegisterResourceHook(b.Child("first"), b.deployed.gate, nil)
	if err != nil {
		return fmt.Errorf("register hook for what waits for service %s: %w", b.workload.Family, err)
	}
	b.after, b.Deployed.Hooks = []*pulumi.ResourceHook{after}, []*pulumi.ResourceHook{gate}
	return nil
}

// after ends an update whose deployment failed with the reason.
func (d *deployed) after(*pulumi.ResourceHookArgs) error {
	err := d.await(true)
	d.told = true
	return err
}

// gate holds back what waits for the service. Why is said elsewhere.
func (d *deployed) gate(*pulumi.ResourceHookArgs) error {
	if d.await(false) != nil {
		return fmt.Errorf("left as it is, since service %s does not run what it was given", d.workload.Family)
	}
	return nil
}

// check gives the task definition of the service once it is known that the service runs it.
func (d *deployed) check(id pulumi.IDOutput, definition pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.All(id, definition).ApplyT(func(known []any) (string, error) {
		arn, _ := known[1].(string)
		if d.Ctx.DryRun() {
			return arn, d.warn(arn)
		}
		if err := d.await(false); err != nil && !d.told {
			return "", err
		}
		return arn, nil
	}).(pulumi.StringOutput)
}

// warn says in a preview that the service does not run what it was given. Where that cannot be asked, nothing is said.
func (d *deployed) warn(definition string) error {
	var failure *rollout.Failure
	if errors.As(d.rollouts.Look(d.Ctx.Context(), d.service(definition)), &failure) {
		return d.Ctx.Log.Warn(failure.Error(), &pulumi.LogArgs{Resource: d.Parent()})
	}
	return nil
}

func (d *deployed) await(changed bool) error {
	d.once.Do(func() {
		definition, err := internals.UnsafeAwaitOutput(d.Ctx.Context(), d.workload.TaskDefinitionArn)
		if err != nil {
			d.err = fmt.Errorf("read the task definition of service %s: %w", d.workload.Family, err)
			return
		}
		arn, _ := definition.Value.(string)
		service := d.service(arn)
		service.Changed = changed
		d.err = d.rollouts.Await(d.Ctx.Context(), service, func(text string) {
			// What cannot be told is no reason to fail.
			_ = d.Ctx.Log.Info(text, &pulumi.LogArgs{Resource: d.Parent()})
		})
	})
	return d.err
}

func (d *deployed) service(definition string) rollout.Service {
	return rollout.Service{
		Cluster: d.args.Workload.Spec.Platform.Cluster.Name, Name: d.workload.Family, Definition: definition,
	}
}
