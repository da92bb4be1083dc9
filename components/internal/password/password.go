// Package password makes the passwords of database users.
package password

import (
	"fmt"

	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
)

// length in letters and digits: 40 of 62 characters are 238 bits, and none needs quoting in any place it goes through.
const length = 40

// New makes a password, secret in state, that is made anew when its generation changes.
func New(scope *component.Scope, suffix, generation string) (pulumi.StringOutput, error) {
	made, err := random.NewRandomPassword(scope.Ctx, scope.Child(suffix+"-password"), &random.RandomPasswordArgs{
		Length:  pulumi.Int(length),
		Special: pulumi.Bool(false),
		Keepers: pulumi.StringMap{"generation": pulumi.String(generation)},
	}, scope.Options()...)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("make password of %s: %w", suffix, err)
	}
	return made.Result, nil
}
