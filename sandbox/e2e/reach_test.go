//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/reach"
)

// asListed compares who reaches whom in the sandbox with the program's own list, by its name.
func asListed(c *cloud, name string) *reach.Stack {
	c.t.Helper()
	stack, err := reach.Open(c.t.Context(), c.session)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := os.ReadFile("../../stacks/testdata/reach." + name + ".txt")
	if err != nil {
		c.t.Fatal(err)
	}
	// A prefix list stands for an API of AWS.
	want := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(line string) bool {
		return strings.Contains(line, " reaches pl-")
	})
	got, err := stack.Reaches(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		c.t.Errorf("in the sandbox\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return stack
}

// needed takes some of the stack's rules, routes and endpoints away.
func needed(c *cloud, stack *reach.Stack) {
	c.t.Helper()
	chosen := stack.Chosen("", true)
	if len(chosen) == 0 {
		c.t.Fatal("there is nothing to take away")
	}
	if err := stack.Look(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	for _, door := range chosen {
		c.t.Run(door.Name, func(t *testing.T) {
			if _, err := stack.Take(t.Context(), door); err != nil {
				t.Error(err)
			}
		})
	}
}

func reached(c *cloud) { needed(c, asListed(c, "dev")) }

// withoutNat takes the NAT gateway from a stack that is up.
func withoutNat(o own) {
	o.session.Set["dagster:network.nat"] = "none"
	if _, err := o.session.Up(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	for _, r := range resources(o.cloud) {
		if kind := string(r.Type); kind == "aws:ec2/natGateway:NatGateway" || kind == "aws:ec2/internetGateway:InternetGateway" {
			o.t.Errorf("%s is left", r.URN.Name())
		}
	}
	o.follow(o.launch("heavy_computation_job"), runWithin, dagster.Success)
	needed(o.cloud, asListed(o.cloud, "without-nat"))
}
