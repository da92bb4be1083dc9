package pulumitest

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type thing struct {
	pulumi.ResourceState
}

type custom struct {
	pulumi.CustomResourceState
	Arn pulumi.StringOutput `pulumi:"arn"`
}

// program registers a component with a protected child that is named after another's ARN.
func program(ctx *pulumi.Context) error {
	parent := &thing{}
	if err := ctx.RegisterComponentResourceV2("test:a:Parent", "parent", pulumi.Map{"size": pulumi.Int(2)}, parent); err != nil {
		return err
	}
	var first, second custom
	if err := ctx.RegisterResource("aws:x/first:First", "first", pulumi.Map{}, &first, pulumi.Parent(parent)); err != nil {
		return err
	}
	if err := ctx.RegisterResourceOutputs(parent, pulumi.Map{"arn": first.Arn}); err != nil {
		return err
	}
	ctx.Export("arn", first.Arn)
	return ctx.RegisterResource("aws:x/second:Second", "second", pulumi.Map{
		"of": first.Arn, "password": pulumi.ToSecret(first.Arn),
	}, &second, pulumi.Parent(parent), pulumi.Protect(true), pulumi.RetainOnDelete(false),
		pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("old")}}), pulumi.IgnoreChanges([]string{"tags"}))
}

func TestHooksAreRecordedAndNotCalled(t *testing.T) {
	r := Record(t, func(ctx *pulumi.Context) error {
		hook, err := ctx.RegisterResourceHook("gate", func(*pulumi.ResourceHookArgs) error {
			t.Error("the hook is called")
			return nil
		}, nil)
		if err != nil {
			return err
		}
		return ctx.RegisterResource("aws:x/first:First", "first", pulumi.Map{}, &custom{},
			pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: []*pulumi.ResourceHook{hook}}))
	})
	got := r.One(t, "aws:x/first:First", "first").Hooks
	if len(got) != 1 || len(got["BeforeUpdate"]) != 1 || got["BeforeUpdate"][0] != "gate" {
		t.Errorf("recorded are %v", got)
	}
}

func TestRegistrationsAreRecordedWhole(t *testing.T) {
	r := Record(t, program)
	got := r.One(t, "aws:x/second:Second", "second")
	if got.Parent != "parent" || got.Protect == nil || !*got.Protect || got.Retain == nil || *got.Retain {
		t.Errorf("parent, protect or retain is lost: %+v", got)
	}
	if len(got.Aliases) != 1 || got.Aliases[0] != "old" || len(got.IgnoreChanges) != 1 {
		t.Errorf("aliases or ignored changes are lost: %+v", got)
	}
	if len(got.Dependencies) != 1 || got.Dependencies[0] != "first" {
		t.Errorf("got dependencies %v, want first", got.Dependencies)
	}
	if want := "arn:aws:x:us-west-1:111122223333:first/first"; got.Input("of") != want {
		t.Errorf("got %v, want the computed %s", got.Input("of"), want)
	}
	if got.Input("password") != "[secret]" {
		t.Errorf("a secret is shown: %v", got.Input("password"))
	}
	if first := r.One(t, "aws:x/first:First", "first"); first.Protect != nil {
		t.Error("protection that nobody spoke of is recorded")
	}
	if want := "urn:pulumi:dev::dagster::test:a:Parent$aws:x/second:Second::second"; got.URN != want {
		t.Errorf("got %s, want %s", got.URN, want)
	}
}

func TestUnknownModeKeepsComputedOutputsUnknown(t *testing.T) {
	r := Record(t, program, Unknown())
	if got := r.One(t, "aws:x/second:Second", "second").Input("of"); got != "[unknown]" {
		t.Errorf("got %v, want it unknown", got)
	}
}

func TestOutputsAreRecorded(t *testing.T) {
	r := Record(t, program)
	want := "arn:aws:x:us-west-1:111122223333:first/first"
	if got := Plain(r.One(t, "test:a:Parent", "parent").Outputs["arn"]); got != want {
		t.Errorf("the component gives out %v, want %s", got, want)
	}
	if got := Plain(r.Exports()["arn"]); got != want {
		t.Errorf("the stack gives out %v, want %s", got, want)
	}
}

func TestUnansweredFunctionFails(t *testing.T) {
	err := New().Run(func(ctx *pulumi.Context) error {
		var result map[string]any
		return ctx.Invoke("aws:x/getY:getY", &struct{}{}, &result)
	})
	if err == nil || !strings.Contains(err.Error(), "aws:x/getY:getY has no answer") {
		t.Errorf("got %v, want a refusal that names the function", err)
	}
}

func TestGoldenOfTheRecording(t *testing.T) {
	Golden(t, "program.json", func() ([]byte, error) { return Record(t, program).Render() })
}
