package naming_test

import (
	"fmt"

	"dagster-ecs/components/naming"
)

func ExampleNew() {
	names, err := naming.New("asset-manager", "prod", true)
	if err != nil {
		panic(err)
	}
	fmt.Println(names.Workload("web"))
	fmt.Println(names.LogGroup("runs"))
	fmt.Println(names.ParameterPath())
	// Output:
	// asset-manager-prod-web
	// asset-manager-prod/runs
	// /asset-manager/prod
}
