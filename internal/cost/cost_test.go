package cost_test

import (
	"math"
	"testing"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/cost"
)

// The sums of the table in docs/deploy.md, What it costs.
func TestTheEstimateIsThatOfTheDocument(t *testing.T) {
	for stack, want := range map[string]float64{"dev": 135, "prod": 390} {
		settings, err := config.ReadFile("../..", stack)
		if err != nil {
			t.Fatal(err)
		}
		if got, whole := cost.Monthly(settings); !whole || math.Abs(got-want) > 5 {
			t.Errorf("%s costs %.0f, want about %.0f", stack, got, want)
		}
		again, _ := cost.Monthly(config.FromTexts(settings.Texts()))
		if got, _ := cost.Monthly(settings); got != again {
			t.Errorf("%s costs %.2f by its texts, want %.2f", stack, again, got)
		}
	}
}

func TestAClassWithoutAPriceIsSaid(t *testing.T) {
	settings, err := config.ReadFile("../..", "dev")
	if err != nil {
		t.Fatal(err)
	}
	settings.Database.InstanceClass = "db.x2g.large"
	if _, whole := cost.Monthly(settings); whole {
		t.Error("its price is counted as nothing, without a word")
	}
}
