package publication

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/problems"
)

// TypeToken is the component's type in Pulumi's state.
const TypeToken = "dagster-ecs:publication:Publication"

// Args describe what is published.
type Args struct {
	// Path is the path of the parameters, without a slash at its end; required.
	Path string
	// Values are texts, numbers, lists of texts and maps by the names of the parameters; none of them secret; required.
	Values pulumi.Map
}

// Validate joins every problem.
func (a *Args) Validate() error {
	var list problems.List
	list.Check(strings.HasPrefix(a.Path, "/") && !strings.HasSuffix(a.Path, "/"), "Path", "%q: /one/two is allowed", a.Path)
	list.Check(len(a.Values) > 0, "Values", "is required")
	return list.Err()
}

// Inputs are the facts recorded in the state.
func (a *Args) Inputs() pulumi.Map { return pulumi.Map{"path": pulumi.String(a.Path)} }

// Publication is what is published.
type Publication struct{ pulumi.ResourceState }

// New makes the parameters.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Publication, error) {
	publication := &Publication{}
	scope, err := component.Open(ctx, TypeToken, name, publication, args, opts...)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(args.Values)) {
		if _, err := ssm.NewParameter(ctx, scope.Child(key), &ssm.ParameterArgs{
			Name: pulumi.String(args.Path + "/" + key), Type: pulumi.String("String"), Tier: pulumi.String("Standard"),
			InsecureValue: text(args.Values[key]),
		}, scope.Options()...); err != nil {
			return nil, fmt.Errorf("%s: publish %s: %w", name, key, err)
		}
	}
	return publication, scope.Close(pulumi.Map{})
}

// text is a text as it is, a list with commas between, as CloudFormation takes it, and everything else as JSON.
func text(value pulumi.Input) pulumi.StringOutput {
	return pulumi.ToOutput(value).ApplyT(func(value any) (string, error) {
		switch v := value.(type) {
		case string:
			return v, nil
		case []string:
			return strings.Join(v, ","), nil
		}
		written, err := json.Marshal(value)
		if err != nil {
			return "", fmt.Errorf("write a value: %w", err)
		}
		return string(written), nil
	}).(pulumi.StringOutput)
}
