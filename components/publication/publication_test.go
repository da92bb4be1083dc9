package publication

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/internal/pulumitest"
)

func TestValuesAreTextsAsOtherToolsTakeThem(t *testing.T) {
	r := pulumitest.Record(t, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "outputs", &Args{Path: "/a/outputs", Values: pulumi.Map{
			"text": pulumi.String("one"), "list": pulumi.ToStringArray([]string{"a", "b"}), "number": pulumi.Int(3),
			"map": pulumi.StringMap{"k": pulumi.String("v")},
		}})
		return err
	})
	for name, want := range map[string]any{"text": "one", "list": "a,b", "number": "3", "map": map[string]any{"[json]": map[string]any{"k": "v"}}} {
		parameter := r.One(t, "aws:ssm/parameter:Parameter", "outputs-"+name)
		got := parameter.Input("insecureValue")
		if text, ok := want.(string); ok && got != text || parameter.Input("name") != "/a/outputs/"+name || got == nil {
			t.Errorf("%s is %v at %v", name, got, parameter.Input("name"))
		}
	}
}

func TestRefusals(t *testing.T) {
	good := func(*testing.T) *Args { return &Args{Path: "/a", Values: pulumi.Map{"x": pulumi.String("y")}} }
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		`Path: "a/"`:          func(a *Args) { a.Path = "a/" },
		"Values: is required": func(a *Args) { a.Values = nil },
	})
}
