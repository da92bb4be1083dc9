package reach

import (
	"fmt"
	"strings"
)

//go:generate go run ./cmd -document ../../docs/sandbox.md

// Source is what the table is made of, as the document says it.
const Source = "sandbox/reach"

// Table has a row for each need.
func (n Needs) Table() string {
	var text strings.Builder
	text.WriteString("| Without | Where | Fails | By which words |\n|---|---|---|---|\n")
	for _, each := range n {
		where, fails, says := "", strings.Join(each.Fails, ", "), "`"+each.Says+"`"
		if each.Nat != nil {
			where = map[bool]string{true: "with NAT", false: "without NAT"}[*each.Nat]
		}
		if each.Spare != "" {
			fails, says = "nothing", each.Spare
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", each.Name, where, fails, says)
	}
	return text.String()
}
