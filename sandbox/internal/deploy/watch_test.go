package deploy

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/sandbox/internal/progress"
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

func TestWhatTheProgramTellsOfADeploymentIsTold(t *testing.T) {
	var out strings.Builder
	w := watch(progress.New(&out), "deploy")
	w.note(apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{
		Severity: "info", URN: "urn:pulumi:dev::dagster::dagster-ecs:daemon:Daemon::daemon",
		Message: "<{%reset%}>a task of daemon stopped: container daemon exited with 3<{%reset%}>\n",
	}})
	w.succeed()
	if want := "    a task of daemon stopped: container daemon exited with 3\n"; !strings.Contains(out.String(), want) {
		t.Errorf("a person sees %q, want %q in it", out.String(), want)
	}
}

func TestTheClosingLineOfAFailureIsNoProblemOfItsOwn(t *testing.T) {
	for _, message := range []string{
		"update failed",
		"an unhandled error occurred: program failed: \nwaiting for RPCs: rpc error: code = Unavailable desc = resource monitor shut down while waiting on step's done channel",
	} {
		if got := diagnostic(apitype.DiagnosticEvent{Message: message}); got != nil {
			t.Errorf("got %v, want none", got)
		}
	}
}

func TestOnlyTheLinesThatNameAProblemAreKept(t *testing.T) {
	failed := errors.New("exit status 255")
	got := problemsOf(consoleError{failed, "Previewing\n    error: bucket cannot be deleted\n    because it is protected\n\nmore\nerror: preview failed\n"})
	if want := "bucket cannot be deleted because it is protected"; got.Error() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := problemsOf(consoleError{failed, "Updating\n + created\n"}); got.Error() != "exit status 255" {
		t.Errorf("got %q, want the error without the console", got)
	}
}

func TestEventsThatAreWrittenBitByBitAreAllHeard(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	var heard []int
	parts := io.MultiReader(strings.NewReader("{\"sequence\":1}\n{\"seq"), strings.NewReader("uence\":2}\n"))
	if err := follow(parts, stop, func(e apitype.EngineEvent) { heard = append(heard, e.Sequence) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(heard, []int{1, 2}) {
		t.Errorf("heard the events %v", heard)
	}
}
