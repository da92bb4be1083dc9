package reach

import (
	"fmt"
	"strings"
)

//go:generate go run ./cmd -document ../../docs/sandbox.md

// Source is what the table is made of, and how, as the document says it.
const Source = "sandbox/reach by `make docs`"

// Table has a row for each need.
func (n Needs) Table() string {
	var text strings.Builder
	text.WriteString("| Without | Where | Fails | By which words |\n|---|---|---|---|\n")
	for _, each := range n {
		fails, says := strings.Join(each.Fails, ", "), "`"+each.Says+"`"
		if each.Spare != "" {
			fails, says = "nothing", each.Spare
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", each.Name, each.where(), fails, says)
	}
	return text.String()
}

// where says which stacks a need is about; empty where it is about all.
func (n need) where() string {
	var parts []string
	for _, condition := range []struct {
		what  string
		given *bool
	}{{"NAT", n.Nat}, {"HTTPS", n.HTTPS}} {
		if condition.given != nil {
			parts = append(parts, map[bool]string{true: "with ", false: "without "}[*condition.given]+condition.what)
		}
	}
	return strings.Join(parts, ", ")
}
