// Package component is the skeleton that every component of this program is built on: one way to open a component, to
// give options to its children, to run its steps and to close it.
//
// A constructor reads the same everywhere:
//
//	func NewThing(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Thing, error) {
//		thing := &Thing{}
//		scope, err := component.Open(ctx, TypeToken, name, thing, args, opts...)
//		if err != nil {
//			return nil, err
//		}
//		b := &builder{Scope: scope, args: args, Thing: thing}
//		if err := scope.Run(b.first, b.second); err != nil {
//			return nil, err
//		}
//		return thing, scope.Close(thing.outputs())
//	}
package component

import (
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/iamdoc"
)

// Args is what the arguments of a component can do.
type Args interface {
	// Validate joins every problem that can be seen in the plain values; it changes nothing.
	Validate() error
	// Inputs are the plan-time facts worth recording in the state of the component, none of them secret.
	Inputs() pulumi.Map
}

// Scope is what the build steps of one component share.
type Scope struct {
	// Ctx is the program's context.
	Ctx *pulumi.Context
	// Name is the logical name of the component; the names of its children begin with it.
	Name string

	resource pulumi.ComponentResource
}

// Open validates the arguments and then registers the component under its type token with its inputs. The caller's
// options go to the component only. Nothing is registered when the arguments are refused.
func Open(
	ctx *pulumi.Context, token, name string, resource pulumi.ComponentResource, args Args, opts ...pulumi.ResourceOption,
) (*Scope, error) {
	if args == nil || reflect.ValueOf(args).IsNil() {
		return nil, fmt.Errorf("%s %s: arguments are required", token, name)
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("%s %s: %w", token, name, err)
	}
	if err := ctx.RegisterComponentResourceV2(token, name, args.Inputs(), resource, opts...); err != nil {
		return nil, fmt.Errorf("register %s %s: %w", token, name, err)
	}
	return &Scope{Ctx: ctx, Name: name, resource: resource}, nil
}

// Child is the logical name of a child: the component's name, a hyphen and the suffix. Suffixes are API: changing one
// replaces the resource.
func (s *Scope) Child(suffix string) string {
	return s.Name + "-" + suffix
}

// Options are a child's options: its parent is the component, and with it comes the provider.
func (s *Scope) Options(extra ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append([]pulumi.ResourceOption{pulumi.Parent(s.resource)}, extra...)
}

// Stateful are the options of a child that holds data: whether the engine refuses to delete it, and that deleting it
// here deletes it in AWS, both said explicitly.
func (s *Scope) Stateful(keep Keep, extra ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return s.Options(append([]pulumi.ResourceOption{
		pulumi.Protect(keep.Protect), pulumi.RetainOnDelete(false),
	}, extra...)...)
}

// Checked is the option of a child whose updates a check may refuse; suffix is that of the child.
func (s *Scope) Checked(suffix string, check pulumi.ResourceHookFunction) (pulumi.ResourceOption, error) {
	return Checked(s.Ctx, s.Child(suffix), check)
}

// Checked is the option of a resource whose updates a check may refuse, in previews too. The check sees the old and the new
// inputs; it is not asked where the resource is made, replaced or deleted. Name is the resource's logical name.
func Checked(ctx *pulumi.Context, name string, check pulumi.ResourceHookFunction) (pulumi.ResourceOption, error) {
	hooks, err := inPreviewsToo(ctx, name+"-change", check)
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: hooks}), err
}

// After gives a value once other resources are there, so that whoever uses the value waits for them too.
func After(value pulumi.StringInput, ready ...pulumi.CustomResource) pulumi.StringOutput {
	all := []any{value}
	for _, resource := range ready {
		all = append(all, resource.ID())
	}
	return pulumi.All(all...).ApplyT(func(all []any) string { return all[0].(string) }).(pulumi.StringOutput)
}

// BeforeCreate is an option with which a check decides, at preview as well, whether a child may be created. It is not
// asked about a child that is there. The suffix tells the child's checks apart.
func (s *Scope) BeforeCreate(suffix string, check pulumi.ResourceHookFunction) (pulumi.ResourceOption, error) {
	hooks, err := inPreviewsToo(s.Ctx, s.Child(suffix), check)
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeCreate: hooks}), err
}

// inPreviewsToo registers a check as the hook of a name that is asked in previews as well.
func inPreviewsToo(ctx *pulumi.Context, name string, check pulumi.ResourceHookFunction) ([]*pulumi.ResourceHook, error) {
	hook, err := ctx.RegisterResourceHook(name, check, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("register hook %s: %w", name, err)
	}
	return []*pulumi.ResourceHook{hook}, nil
}

// Parent is the component as a parent, for resources that another package makes under it.
func (s *Scope) Parent() pulumi.Resource {
	return s.resource
}

// Run runs the build steps in order up to the first that fails.
func (s *Scope) Run(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// Close registers the component's outputs, which completes it.
func (s *Scope) Close(outputs pulumi.Map) error {
	if err := s.Ctx.RegisterResourceOutputs(s.resource, outputs); err != nil {
		return fmt.Errorf("register outputs of %s: %w", s.Name, err)
	}
	return nil
}

// Keep says how data is held on to. The zero value lets everything go, for environments that are thrown away.
type Keep struct {
	// Protect makes the engine refuse to delete or replace the resource until protection is taken off. Default false.
	Protect bool
}

// Location is where a component is built: partition, region and account, known at plan time. All three are required.
type Location = iamdoc.Scope
