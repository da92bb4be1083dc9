package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// differences are the properties that a step changes, each with its old and its new value.
func differences(step apitype.StepEventMetadata) []string {
	keys := map[string]bool{}
	for _, key := range append(step.Diffs, step.Keys...) {
		keys[key] = true
	}
	for path := range step.DetailedDiff {
		keys[path[:len(path)-len(strings.TrimLeft(path, identifier))]] = true
	}
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		_, had := step.Old.Inputs[key]
		if _, has := step.New.Inputs[key]; !had && !has {
			continue // a value that the cloud makes anew
		}
		found := compare(key, step.Old.Inputs[key], step.New.Inputs[key])
		if len(found) == 0 {
			found = []string{key} // a secret, or a value that the cloud had changed
		}
		lines = append(lines, found...)
	}
	return lines
}

const identifier = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// unknown is how the engine's events spell a value that is known only after the update
// (UnknownStringValue in github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin).
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// compare lists the leaves that differ. A text that holds a JSON document, such as container definitions, is compared
// as that document.
func compare(path string, from, to any) []string {
	from, to = document(from), document(to)
	if reflect.DeepEqual(from, to) {
		return nil
	}
	fromMap, both := from.(map[string]any)
	if toMap, ok := to.(map[string]any); ok && both {
		return compareMaps(path, fromMap, toMap)
	}
	fromList, both := from.([]any)
	if toList, ok := to.([]any); ok && both && len(fromList) == len(toList) {
		var lines []string
		for i := range fromList {
			lines = append(lines, compare(fmt.Sprintf("%s[%d]", path, i), fromList[i], toList[i])...)
		}
		return lines
	}
	shownFrom, shownTo := brief(from, to)
	return []string{fmt.Sprintf("%s: %s -> %s", path, shownFrom, shownTo)}
}

func compareMaps(path string, from, to map[string]any) (lines []string) {
	keys := slices.Collect(maps.Keys(from))
	for key := range to {
		if _, known := from[key]; !known {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	for _, key := range keys {
		if key != "__defaults" { // Pulumi's own note of which values the provider chose
			lines = append(lines, compare(path+"."+key, from[key], to[key])...)
		}
	}
	return lines
}

func document(value any) any {
	text, ok := value.(string)
	if !ok || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return value
	}
	var parsed any
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return value
	}
	return parsed
}

const (
	// widest is how much of a value is shown, shared how much of what two long values begin with alike.
	widest = 60
	shared = 20
)

// brief renders two values that differ so that the difference is seen.
func brief(from, to any) (string, string) {
	one, other := render(from), render(to)
	if from == unknown || to == unknown || len(one) <= widest && len(other) <= widest {
		return shorten(one, 0), shorten(other, 0)
	}
	same := 0
	for same < len(one) && same < len(other) && one[same] == other[same] {
		same++
	}
	return shorten(one, same-shared), shorten(other, same-shared)
}

func render(value any) []rune {
	if value == nil {
		return []rune("none")
	}
	if value == unknown {
		return []rune("known after the update")
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return []rune(fmt.Sprint(value))
	}
	return []rune(string(encoded))
}

func shorten(text []rune, from int) string {
	before, after := "", ""
	if from > 0 {
		before, text = "…", text[from:]
	}
	if len(text) > widest {
		after, text = "…", text[:widest]
	}
	return before + string(text) + after
}
