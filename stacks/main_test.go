package stacks_test

import (
	"os"
	"testing"

	"dagster-ecs/internal/awstest"
)

func TestMain(m *testing.M) {
	os.Exit(awstest.WithSettledServices(m.Run))
}
