package changes_test

import (
	"maps"
	"strings"
	"testing"

	"dagster-ecs/internal/changes"
)

// now is a protected stack with copies.
var now = changes.Settings{
	"stack": "prod", "dagster:prefix": "asset-manager", "dagster:protect": "true", "dagster:replicaRegion": "us-west-2",
	"dagster:bucket.replicate": "true", "dagster:bucket.forceDestroy": "false", "dagster:database.replicateBackups": "true",
	"dagster:database.rotation": "4", "dagster:webserver.access": "internal", "dagster:stackInNames": "false",
}

func with(settings changes.Settings, changed changes.Settings) changes.Settings {
	all := maps.Clone(settings)
	maps.Copy(all, changed)
	return all
}

func TestWhatCannotBeChangedIsRefusedWithTheSteps(t *testing.T) {
	unprotected := with(now, changes.Settings{"dagster:protect": "false", "dagster:bucket.forceDestroy": "true"})
	alone := with(unprotected, changes.Settings{"dagster:bucket.replicate": "false", "dagster:database.replicateBackups": "false"})
	for name, each := range map[string]struct {
		before, changed changes.Settings
		refused         []string
	}{
		"nothing":                    {now, nil, nil},
		"another prefix":             {now, changes.Settings{"dagster:prefix": "data"}, []string{`dagster:prefix: "asset-manager" cannot become "data"`, "second stack"}},
		"another name of the stack":  {now, changes.Settings{"stack": "live"}, []string{"stack: ", "pulumi stack rename"}},
		"two at once":                {now, changes.Settings{"stack": "live", "dagster:prefix": "data"}, []string{"stack: ", "dagster:prefix: "}},
		"access while protected":     {now, changes.Settings{"dagster:webserver.access": "internet-facing"}, []string{"load balancer", "first set dagster:protect to false"}},
		"access and protection":      {now, changes.Settings{"dagster:webserver.access": "internet-facing", "dagster:protect": "false"}, []string{"load balancer"}},
		"access unprotected":         {unprotected, changes.Settings{"dagster:webserver.access": "internet-facing"}, nil},
		"names while protected":      {now, changes.Settings{"dagster:stackInNames": "true"}, []string{"log groups"}},
		"names unprotected":          {unprotected, changes.Settings{"dagster:stackInNames": "true"}, nil},
		"protection off":             {now, changes.Settings{"dagster:protect": "false"}, nil},
		"no copy while protected":    {now, changes.Settings{"dagster:bucket.replicate": "false"}, []string{"dagster:bucket.forceDestroy to true"}},
		"no copy of a full bucket":   {with(unprotected, changes.Settings{"dagster:bucket.forceDestroy": "false"}), changes.Settings{"dagster:bucket.replicate": "false"}, []string{"dagster:bucket.forceDestroy to true"}},
		"no copy":                    {unprotected, changes.Settings{"dagster:bucket.replicate": "false"}, nil},
		"a copy":                     {alone, changes.Settings{"dagster:bucket.replicate": "true"}, nil},
		"no backups while protected": {now, changes.Settings{"dagster:database.replicateBackups": "false"}, []string{"dagster:database.replicateBackups", "protected"}},
		"no backups":                 {unprotected, changes.Settings{"dagster:database.replicateBackups": "false"}, nil},
		"another region of copies":   {unprotected, changes.Settings{"dagster:replicaRegion": "us-east-1"}, []string{"first set dagster:bucket.replicate"}},
		"another region, none there": {alone, changes.Settings{"dagster:replicaRegion": "us-east-1"}, nil},
		"no alarms while protected":  {with(now, changes.Settings{"dagster:monitoring.enabled": "true"}), changes.Settings{"dagster:monitoring.enabled": "false"}, []string{"dagster:monitoring.enabled", "protected"}},
		"alarms while protected":     {with(now, changes.Settings{"dagster:monitoring.enabled": "false"}), changes.Settings{"dagster:monitoring.enabled": "true"}, nil},
		"no alarms":                  {with(unprotected, changes.Settings{"dagster:monitoring.enabled": "true"}), changes.Settings{"dagster:monitoring.enabled": "false"}, nil},
		"one rotation":               {now, changes.Settings{"dagster:database.rotation": "5"}, nil},
		"two rotations":              {now, changes.Settings{"dagster:database.rotation": "6"}, []string{"adds one: 5"}},
		"a rotation back":            {now, changes.Settings{"dagster:database.rotation": "3"}, []string{"adds one: 5"}},
		"a key of another version":   {now, changes.Settings{"dagster:account": "111122223333"}, nil},
	} {
		err := changes.Refuse(each.before, with(each.before, each.changed))
		if (err == nil) != (each.refused == nil) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for _, want := range each.refused {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is missing in %v", name, want, err)
			}
		}
	}
}
