package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Summary tells by component how many resources an update would create, replace, delete and change, and by name which
// ones of those that exist, with the properties that differ.
func (p *Plan) Summary() string {
	if p.Changes.None() {
		return fmt.Sprintf("nothing changes (%s)\n", p.Changes)
	}
	byComponent := map[string][]apitype.StepEventMetadata{}
	for _, step := range p.steps {
		name := p.component(step.URN)
		byComponent[name] = append(byComponent[name], step)
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(byComponent)) {
		steps := byComponent[name]
		counts := Changes{}
		for _, step := range steps {
			counts[string(step.Op)]++
		}
		fmt.Fprintf(&text, "%s: %s\n", name, counts)
		for _, op := range planned[:3] {
			for _, step := range steps {
				if step.Op == op {
					describe(&text, step)
				}
			}
		}
	}
	fmt.Fprintf(&text, "in all: %s\n", p.counts())
	return text.String()
}

// counts are the operations on resources of a cloud, without those on components.
func (p *Plan) counts() Changes {
	all := Changes{}
	for _, step := range p.steps {
		all[string(step.Op)]++
	}
	return all
}

func describe(text *strings.Builder, step apitype.StepEventMetadata) {
	fmt.Fprintf(text, "  %-8s%s\n", step.Op, ShortName(step.URN))
	if step.Op == apitype.OpDelete || step.Old == nil || step.New == nil {
		return
	}
	for _, line := range differences(step) {
		fmt.Fprintf(text, "            %s\n", line)
	}
}
