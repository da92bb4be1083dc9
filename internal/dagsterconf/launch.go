package dagsterconf

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// What a launch command carries beside the configuration, measured with dagster 1.13 and rounded up: the names of the
// classes and fields, and the run's id.
const launchOverhead = 2400

// storages is how often the storage's configuration stands in a launch command: for itself, runs, events and schedules.
const storages = 4

// LaunchLength is about how many characters the overrides of a launched run have, rounded up: its command carries the
// instance. ECS refuses more than capacity.OverrideLimit. The job's name may have jobName characters.
func (i Instance) LaunchLength(module string, jobName int) (int, error) {
	storageLength, err := escapedLength(storage())
	if err != nil {
		return 0, err
	}
	whole, err := i.Render()
	if err != nil {
		return 0, err
	}
	rest := escaped(string(whole))
	return launchOverhead + (storages-1)*storageLength + rest + len(module) + jobName, nil
}

func escapedLength(part any) (int, error) {
	text, err := yaml.Marshal(part)
	if err != nil {
		return 0, fmt.Errorf("write yaml: %w", err)
	}
	return escaped(string(text)), nil
}

// escaped is a text's length inside a JSON string.
func escaped(text string) int {
	return len(text) + strings.Count(text, "\n") + strings.Count(text, `"`)
}
