package problems

import (
	"errors"
	"fmt"
	"testing"
)

func TestEveryProblemIsTold(t *testing.T) {
	var l List
	l.Required("name", "")
	l.Required("given", "x")
	l.OneOf("nat", "two", "none", "single")
	l.OneOf("mode", "a", "a", "b")
	l.OneOf("none", "", "a", "b")
	l.Between("zones", 4, 2, 3)
	l.Between("zones", 1, 2, 3)
	l.Between("ok", 2, 2, 3)
	l.Addf("", "whole value")
	want := "name: is required\nnat: \"two\": unknown; none and single are allowed\nnone: is required; a and b are allowed\nzones: 4: too large; 2 to 3 is allowed\n" +
		"zones: 1: too small; 2 to 3 is allowed\nwhole value"
	if got := l.Err(); got == nil || got.Error() != want {
		t.Fatalf("got %v, want %s", got, want)
	}
}

func TestProblemsOfPartsKeepTheirPaths(t *testing.T) {
	var element, inner, outer List
	element.Addf("[1]", "twice")
	element.Addf("", "too many")
	inner.Required("a", "")
	inner.Take("list", element.Err())
	outer.Take("part", inner.Err())
	outer.Take("none", nil)
	outer.Take("rule", errors.New("broken"))
	outer.Take("two", errors.Join(errors.New("one"), errors.New("other")))
	outer.Take("", inner.Err())
	want := "part.a: is required\npart.list[1]: twice\npart.list: too many\nrule: broken\ntwo: one\ntwo: other\n" +
		"a: is required\nlist[1]: twice\nlist: too many"
	if got := outer.Err().Error(); got != want {
		t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCausesCanBeFound(t *testing.T) {
	var l List
	cause := errors.New("cause")
	l.Take("part", fmt.Errorf("read: %w", cause))
	l.Addf("other", "write: %w", cause)
	for _, err := range l.found {
		if !errors.Is(err, cause) {
			t.Errorf("%v does not lead to its cause", err)
		}
	}
}

func TestNoProblemIsNoError(t *testing.T) {
	var l List
	l.Check(true, "a", "never said")
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSaidAlreadyIsNotSaidAgain(t *testing.T) {
	var l List
	l.Required("a", "")
	l.Required("b", "")
	l.Take("", errors.New("a: is required"))
	if got, want := l.Err().Error(), "a: is required\nb: is required"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if got := fmt.Sprint(l.Paths()); got != "[a b]" {
		t.Fatalf("got the paths %s", got)
	}
}

func TestNothingMoreIsSaidOfWhatIsSettled(t *testing.T) {
	var l List
	l.Addf("a", "is a number")
	l.Settle()
	l.Required("a", "")
	l.Take("a.part", errors.New("one"))
	l.Addf("a[0]", "two")
	l.Addf("ab", "three")
	l.Addf("b", "four")
	l.Addf("b", "five")
	if got, want := l.Err().Error(), "a: is a number\nab: three\nb: four\nb: five"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestFieldsWithProblemsInPartsAreNotSound(t *testing.T) {
	var l List
	l.Addf("a.part", "is wrong")
	l.Addf("list[1]", "is wrong")
	for path, want := range map[string]bool{
		"a.part": false, "a": false, "a.part.inner": false, "a.par": true, "a.other": true, "list": false, "list[0]": true, "b": true,
	} {
		if l.Sound(path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
	if l.Sound("b", "a") || !l.Sound("b", "c") {
		t.Error("several fields are sound where each is")
	}
}

func TestCommonProblemsAreThoseOfBoth(t *testing.T) {
	var one, other List
	one.Required("a", "")
	one.Required("b", "")
	other.Required("b", "")
	other.Required("c", "")
	if got := one.Common(&other).Err(); got == nil || got.Error() != "b: is required" {
		t.Fatalf("got %v", got)
	}
}

func TestAllowedIsASentence(t *testing.T) {
	for got, want := range map[string]string{
		Allowed[int]():     "nothing is allowed",
		Allowed(1):         "1 is allowed",
		Allowed("a", "b"):  "a and b are allowed",
		Allowed(1, 3, 365): "1, 3 and 365 are allowed",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
