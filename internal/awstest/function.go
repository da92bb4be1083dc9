package awstest

import (
	"os"
	"strings"
	"testing"

	"dagster-ecs/internal/pulumitest"
)

// Function is the type token of a Lambda function.
const Function = "aws:lambda/function:Function"

// FunctionIsTold holds the environment of a function to the variables that it is to have, no more, each of which the file
// of its source that reads the environment names.
func FunctionIsTold(t testing.TB, recorder *pulumitest.Recorder, function, source string, want map[string]string) {
	t.Helper()
	read, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	environment, _ := recorder.One(t, Function, function).Input("environment").(map[string]any)
	variables, _ := environment["variables"].(map[string]any)
	for name, value := range want {
		if variables[name] != value {
			t.Errorf("%s is %v", name, variables[name])
		}
		if !strings.Contains(string(read), `"`+name+`"`) {
			t.Errorf("the function does not read %s", name)
		}
	}
	if len(variables) != len(want) {
		t.Errorf("got %v", variables)
	}
}
