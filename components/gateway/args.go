package gateway

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/problems"
)

// Args describes the gateway.
type Args struct {
	// Spec is what every workload is given; required. The gateway takes its image, which has sleep, and runs none of its
	// code. Its Reach is what the task itself needs: to pull the image, and to reach Session Manager. Whoever is to be
	// reached through the gateway lets its security group in.
	Spec workload.Spec
}

// Validate reports everything that is wrong with the plain values.
func (a *Args) Validate() error {
	var list problems.List
	list.Take("Spec", a.Spec.Validate())
	list.Check(len(a.Spec.Secrets) == 0, "Spec.Secrets", "must be left out: the gateway reads none")
	return list.Err()
}

// Inputs are the facts worth seeing in the component's state.
func (a *Args) Inputs() pulumi.Map {
	return a.Spec.Inputs()
}
