package settings

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/changes"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:settings:Settings"

// Texts are settings by their whole key, such as dagster:prefix.
type Texts = changes.Settings

// Args are the settings to keep.
type Args struct {
	// Texts are the settings by their whole key; required, none of them secret.
	Texts Texts
}

// Validate reports what is wrong.
func (a *Args) Validate() error {
	if len(a.Texts) == 0 {
		return fmt.Errorf("Texts: is required")
	}
	return nil
}

// Inputs are the settings.
func (a *Args) Inputs() pulumi.Map {
	inputs := pulumi.Map{}
	for key, text := range a.Texts {
		inputs[key] = pulumi.String(text)
	}
	return inputs
}

// Settings are the settings in the state.
type Settings struct {
	pulumi.ResourceState
}

// New keeps the settings. It comes back when the engine has taken them, so that nothing is registered after a change that
// is refused.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Settings, error) {
	kept := &Settings{}
	checked, err := component.Checked(ctx, name, refuse)
	if err != nil {
		return nil, err
	}
	scope, err := component.Open(ctx, TypeToken, name, kept, args, append(opts, checked)...)
	if err != nil {
		return nil, err
	}
	if _, err := internals.UnsafeAwaitOutput(ctx.Context(), kept.URN()); err != nil {
		return nil, fmt.Errorf("keep the settings: %w", err)
	}
	return kept, scope.Close(pulumi.Map{})
}

// refuse compares the settings of the state with the new ones.
func refuse(args *pulumi.ResourceHookArgs) error {
	return changes.Refuse(texts(args.OldInputs), texts(args.NewInputs))
}

func texts(inputs resource.PropertyMap) Texts {
	found := Texts{}
	for key, value := range inputs {
		if value.IsString() {
			found[string(key)] = value.StringValue()
		}
	}
	return found
}
