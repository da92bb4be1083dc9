package problems

import (
	"errors"
	"testing"
)

func TestEveryProblemIsTold(t *testing.T) {
	var l List
	l.Required("name", "")
	l.Required("given", "x")
	l.OneOf("nat", "two", "none", "single")
	l.OneOf("mode", "a", "a", "b")
	l.Between("zones", 4, 2, 3)
	l.Between("ok", 2, 2, 3)
	l.Addf("", "whole value")
	want := "name: is required\nnat: \"two\" is not one of none, single\nzones: 4 is not between 2 and 3\nwhole value"
	if got := l.Err(); got == nil || got.Error() != want {
		t.Fatalf("got %v, want %s", got, want)
	}
}

func TestNestedProblemsKeepTheirPaths(t *testing.T) {
	var inner, outer List
	inner.Required("a", "")
	inner.Required("b", "")
	outer.Nest("part", inner.Err())
	outer.Nest("none", nil)
	outer.Nest("single", errors.New("broken"))
	if got, want := outer.Err().Error(), "part.a: is required\npart.b: is required\nsingle.broken"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestNoProblemIsNoError(t *testing.T) {
	var l List
	l.Check(true, "a", "never said")
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
}
