package pulumitest

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Constructor is the constructor of a component.
type Constructor[Args, Component any] func(*pulumi.Context, string, *Args, ...pulumi.ResourceOption) (*Component, error)

// Build records a program that consists of one component, and gives the component for what it knows at plan time. It
// fails the test when the component refuses its arguments.
func Build[Args, Component any](
	t testing.TB, construct Constructor[Args, Component], name string, args *Args, options ...Option,
) (*Recorder, *Component) {
	t.Helper()
	var made *Component
	recorder := Record(t, func(ctx *pulumi.Context) (err error) {
		made, err = construct(ctx, name, args)
		return err
	}, options...)
	return recorder, made
}

// Refused checks that a component refuses wrong arguments before it registers anything. Each case is a text that the
// error has to hold, and the edit that makes good arguments wrong.
func Refused[Args, Component any](
	t *testing.T, construct Constructor[Args, Component], good func(*testing.T) *Args, cases map[string]func(*Args),
) {
	t.Helper()
	for want, edit := range cases {
		t.Run(want, func(t *testing.T) {
			args := good(t)
			edit(args)
			recorder := New()
			err := recorder.Run(func(ctx *pulumi.Context) error {
				_, err := construct(ctx, "it", args)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want an error with %q", err, want)
			}
			for _, each := range recorder.All() {
				if each.Type != string(resource.RootStackType) {
					t.Errorf("registered all the same: %s %s", each.Type, each.Name)
				}
			}
		})
	}
}
