package stacks_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

func TestABoundaryThatIsNotThereIsToldOfBeforeAnythingIsMade(t *testing.T) {
	values, secrets := written(t, "dev", "")
	recorder := pulumitest.New(pulumitest.InStack("dev"), pulumitest.WithConfig(values, secrets...),
		pulumitest.WithFunction("aws:iam/getPolicy:getPolicy", func(resource.PropertyMap) (resource.PropertyMap, error) {
			return nil, errors.New("couldn't find resource")
		}))
	err := recorder.Run(stacks.Deploy)
	if err == nil || !strings.Contains(err.Error(), `dagster:iam.permissionsBoundary: "asset-manager-dev-boundary": look for this policy`) {
		t.Errorf("the error is %v", err)
	}
	for _, each := range recorder.All() {
		if strings.HasPrefix(each.Type, "aws:") {
			t.Errorf("%s is made", each.Name)
		}
	}
}
