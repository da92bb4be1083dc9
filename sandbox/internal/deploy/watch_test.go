package deploy

import (
	"errors"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

func TestADiagnosticNamesTheResourceAndLosesItsColors(t *testing.T) {
	got := diagnostic(apitype.DiagnosticEvent{
		URN:     "urn:pulumi:dev::dagster::dagster-ecs:network:Network$aws:ec2/vpc:Vpc::network-vpc",
		Message: "<{%reset%}>no more addresses<{%reset%}>\n",
	})
	if want := "Vpc network-vpc: no more addresses"; got == nil || got.Error() != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTheClosingLineOfAFailureIsNoProblemOfItsOwn(t *testing.T) {
	if got := diagnostic(apitype.DiagnosticEvent{Message: "update failed"}); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

func TestOnlyTheLinesThatNameAProblemAreKept(t *testing.T) {
	got := errorLines(errors.New("code: 255\nstdout: Previewing\n    error: bucket cannot be deleted\n    because it is protected\n\nmore\nerror: preview failed\n"))
	if len(got) != 1 || got[0].Error() != "bucket cannot be deleted because it is protected" {
		t.Errorf("got %v", got)
	}
	got = errorLines(errors.New("failed to run update: signal: killed\ncode: -1\nstdout: Updating\n + created\nstderr: \n"))
	if len(got) != 1 || got[0].Error() != "failed to run update: signal: killed\ncode: -1" {
		t.Errorf("got %v, want the error without the console", got)
	}
}

func TestChangesAreNoneOnlyWhenAllIsTheSame(t *testing.T) {
	if !(Changes{"same": 3}).None() || (Changes{"same": 3, "update": 1}).None() {
		t.Error("same is no change, update is one")
	}
}
