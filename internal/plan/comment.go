package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/changes"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/cost"
)

// CommentLimit is how many characters a comment may have on GitHub (body is too long, maximum is 65536 characters).
const CommentLimit = 65536

// settingsType is the type of the resource that keeps the settings of the last update.
const settingsType = "dagster-ecs:settings:Settings"

// stateful are the types of what holds data, or opens it: what is replaced or deleted of them is gone.
var stateful = []string{
	"aws:cloudwatch/logGroup:LogGroup",
	"aws:kms/key:Key",
	"aws:kms/replicaKey:ReplicaKey",
	"aws:rds/instance:Instance",
	"aws:s3/bucketV2:BucketV2",
}

// headings are what the kinds of change are called, in the order of the comment.
var headings = map[apitype.OpType]string{
	apitype.OpReplace: "Replaced", apitype.OpDelete: "Deleted", apitype.OpUpdate: "Changed", apitype.OpCreate: "Created",
}

// Comment tells a plan in GitHub's Markdown: what holds data and goes, warnings, settings and what they do, then all
// resources by kind of change. It has at most a number of characters; resources that are left out are counted. No secret is
// in it, since the engine writes none into its events.
func (p *Plan) Comment(stack string, limit int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## Preview of `%s`: ", stack)
	if p.Changes.None() && len(p.problems) == 0 {
		fmt.Fprintf(&text, "nothing changes\n\n%s\n", p.Changes)
		return text.String()
	}
	fmt.Fprintf(&text, "%s\n", p.counts())
	p.writeLosses(&text)
	p.writeProblems(&text)
	p.writeSettings(&text)
	p.writeMeasures(&text)
	for _, op := range planned {
		p.writeResources(&text, op, limit)
	}
	return text.String()
}

// writeLosses names what holds data and would go.
func (p *Plan) writeLosses(text *strings.Builder) {
	var lost []string
	for _, step := range p.steps {
		if (step.Op != apitype.OpReplace && step.Op != apitype.OpDelete) || step.Old == nil {
			continue
		}
		if guarded := step.Old.Protect; guarded || slices.Contains(stateful, step.Old.Type) {
			line := fmt.Sprintf("> - %s **%s** of `%s`", step.Op, ShortName(step.URN), p.component(step.URN))
			if guarded {
				line += ": it is protected, so that the update is refused"
			}
			lost = append(lost, line)
		}
	}
	if len(lost) > 0 {
		fmt.Fprintf(text, "\n> [!CAUTION]\n> What holds data would go:\n%s\n", strings.Join(lost, "\n"))
	}
}

func (p *Plan) writeProblems(text *strings.Builder) {
	if len(p.problems) == 0 {
		return
	}
	fmt.Fprint(text, "\n> [!WARNING]\n")
	for _, each := range p.problems {
		of := ""
		if each.of != "" {
			of = "**" + ShortName(each.of) + "**: "
		}
		fmt.Fprintf(text, "> - %s: %s%s\n", each.severity, of, strings.ReplaceAll(each.text, "\n", "\n>   "))
	}
}

// writeSettings tells what the stack's file changes, and what that does to a stack that is deployed.
func (p *Plan) writeSettings(text *strings.Builder) {
	if p.settings.Old == nil || p.settings.New == nil {
		return
	}
	before, after := p.settings.Old.Inputs, p.settings.New.Inputs
	var rows []string
	for _, key := range slices.Sorted(maps.Keys(after)) {
		from, known := before[key]
		if known && from != after[key] {
			change, _ := changes.Of(key)
			rows = append(rows, row(code(key), code(from), code(after[key]), string(change.Effect)))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintf(text, "\n| Setting | before | after | what it does |\n|---|---|---|---|\n%s", strings.Join(rows, ""))
	}
}

// writeMeasures tells what the settings change of cost and capacity; of a new stack, what it takes.
func (p *Plan) writeMeasures(text *strings.Builder) {
	if p.settings.New == nil {
		return
	}
	after := measuresOf(p.settings.New.Inputs)
	before := after
	if p.settings.Old != nil {
		before = measuresOf(p.settings.Old.Inputs)
	}
	var rows []string
	for i, now := range after {
		if p.settings.Old == nil {
			rows = append(rows, row(now.name, "", now.value))
		} else if was := before[i]; was.value != now.value {
			rows = append(rows, row(now.name, was.value, now.value))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintf(text, "\n| | before | after |\n|---|---|---|\n%s", strings.Join(rows, ""))
	}
}

type measure struct{ name, value string }

func measuresOf(inputs map[string]any) []measure {
	texts := map[string]string{}
	for key, value := range inputs {
		texts[key] = fmt.Sprint(value)
	}
	settings := config.FromTexts(texts)
	usd, whole := cost.Monthly(settings)
	monthly := fmt.Sprintf("about %.0f USD", usd)
	if !whole {
		monthly += " and the database, whose class has no price here"
	}
	onDemand, spot := settings.Vcpus()
	return []measure{
		{"a month, without runs, traffic and data (us-east-1)", monthly},
		{"runs at a time", fmt.Sprint(settings.Runs.MaxConcurrent)},
		{"vCPUs of Fargate at most: on demand; on Spot", fmt.Sprintf("%g; %g", onDemand, spot)},
	}
}

// writeResources lists the resources of one kind of change, in an order that stays, each with the properties that differ,
// until the comment is full.
func (p *Plan) writeResources(text *strings.Builder, op apitype.OpType, limit int) {
	var steps []apitype.StepEventMetadata
	for _, step := range p.steps {
		if step.Op == op {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return
	}
	slices.SortFunc(steps, func(a, b apitype.StepEventMetadata) int {
		return cmp.Or(cmp.Compare(p.component(a.URN), p.component(b.URN)), cmp.Compare(logicalName(a.URN), logicalName(b.URN)))
	})
	const end, room = "\n</details>\n", 1000 // for the headings that still come
	open := " open"
	if op == apitype.OpCreate {
		open = ""
	}
	fmt.Fprintf(text, "\n<details%s><summary>%s: %d</summary>\n\n| Component | Resource | Differs |\n|---|---|---|\n", open, headings[op], len(steps))
	for i, step := range steps {
		var lines []string
		if op == apitype.OpUpdate || op == apitype.OpReplace {
			for _, line := range differences(step) {
				lines = append(lines, code(line))
			}
		}
		next := row(code(p.component(step.URN)), ShortName(step.URN), strings.Join(lines, "<br>"))
		if text.Len()+len(next)+len(end)+room > limit {
			fmt.Fprintf(text, "\n%d more are left out here.\n", len(steps)-i)
			break
		}
		text.WriteString(next)
	}
	text.WriteString(end)
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// code shows a value as it is in a cell of a table.
func code(value any) string {
	shown := fmt.Sprint(value)
	if shown == "" {
		return "(empty)"
	}
	ticks := "`"
	for strings.Contains(shown, ticks) {
		ticks += "`"
	}
	if len(ticks) > 1 {
		shown = " " + shown + " "
	}
	return ticks + strings.NewReplacer("|", `\|`, "\n", " ").Replace(shown) + ticks
}
