package rules

import "testing"

// answer is what a rule said to a value and what it should say, all of it; empty where the value is allowed.
type answer struct {
	got  error
	want string
}

// check compares answers.
func check(t *testing.T, answers []answer) {
	t.Helper()
	for _, each := range answers {
		got := ""
		if each.got != nil {
			got = each.got.Error()
		}
		if got != each.want {
			t.Errorf("got  %s\nwant %s", got, each.want)
		}
	}
}
