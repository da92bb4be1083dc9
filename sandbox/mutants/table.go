package mutants

import (
	"fmt"
	"slices"
	"strings"
)

//go:generate go run ./cmd -document ../../docs/sandbox.md

// Source is what the table is made of, and how, as the document says it.
const Source = "sandbox/mutants by `make docs`"

// Table has a row for each mutant, ordered by component.
func (s Set) Table() string {
	var rows []struct{ component, text string }
	add := func(m mutant, where string, words []string) {
		text := fmt.Sprintf("| %s | %s | %s |\n", m.Component, m.Name, strings.Join(append([]string{where}, words...), ", "))
		rows = append(rows, struct{ component, text string }{m.Component, text})
	}
	for _, each := range s.calls {
		operation := each.Call[strings.LastIndex(each.Call, ".")+1:]
		add(each.mutant, operation+": `"+each.Shows[0]+"`", quoted(each.Shows[1:]))
	}
	for _, each := range s.patches {
		words := quoted(each.Shows)
		add(each.mutant, "`"+each.At+"`: "+words[0], words[1:])
	}
	slices.SortStableFunc(rows, func(a, b struct{ component, text string }) int { return strings.Compare(a.component, b.component) })
	var text strings.Builder
	text.WriteString("| Component | Mistake | Where it shows, and by which words |\n|---|---|---|\n")
	for _, each := range rows {
		text.WriteString(each.text)
	}
	return text.String()
}

// quoted are words as they are said.
func quoted(words []string) (list []string) {
	for _, each := range words {
		list = append(list, "`"+strings.ReplaceAll(each, "|", `\|`)+"`")
	}
	return list
}
