package main

import (
	"strings"
	"testing"
)

func TestTheEventsOfAPreviewBecomeAComment(t *testing.T) {
	var out strings.Builder
	events := strings.NewReader(`{"sequence":1,"summaryEvent":{"resourceChanges":{"same":7}}}` + "\n")
	if err := run([]string{"-stack", "prod"}, events, &out); err != nil {
		t.Fatal(err)
	}
	if want := "## Preview of `prod`: nothing changes\n\n7 same\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	for want, arguments := range map[string][]string{
		"-stack: is required":        {},
		"no-such.json":               {"-stack", "prod", "-events", "no-such.json"},
		"decode event 1":             {"-stack", "prod"},
		"flag provided but not defi": {"-other"},
	} {
		if err := run(arguments, strings.NewReader("{"), &strings.Builder{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", arguments, err, want)
		}
	}
}

func TestAnotherPlanThanTheReviewedOneIsRefused(t *testing.T) {
	events := func(image string) *strings.Reader {
		return strings.NewReader(`{"resourcePreEvent":{"metadata":{"op":"create","urn":"urn:pulumi:prod::dagster::a:b:C::web","new":` +
			`{"custom":true,"inputs":{"image":"` + image + `"}}}}}` + "\n")
	}
	var digest strings.Builder
	if err := run([]string{"-stack", "prod", "-digest"}, events("1.0"), &digest); err != nil {
		t.Fatal(err)
	}
	reviewed := strings.TrimSpace(digest.String())
	if err := run([]string{"-stack", "prod", "-reviewed", reviewed}, events("1.0"), &strings.Builder{}); err != nil {
		t.Errorf("the plan that was reviewed is refused: %v", err)
	}
	err := run([]string{"-stack", "prod", "-reviewed", reviewed}, events("1.1"), &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "review it again") {
		t.Errorf("another plan is taken: %v", err)
	}
}
