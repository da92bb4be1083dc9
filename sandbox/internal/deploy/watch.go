package deploy

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/plan"
	"dagster-ecs/sandbox/internal/progress"
)

const (
	// reportEvery is how often a person is told how far a deployment is.
	reportEvery = 10 * time.Second
	namedAtMost = 3
)

// watcher follows the engine's events: it reports how far the operation is and what it waits for, and keeps what is
// planned and what went wrong.
type watcher struct {
	name   string
	report *progress.Reporter
	end    func(error)
	stop   chan struct{}

	mu       sync.Mutex
	finished int
	running  map[string]time.Time
	problems []error
	plan     plan.Plan
}

func watch(report *progress.Reporter, name string) *watcher {
	w := &watcher{
		name: name, report: report, end: report.Step(name), stop: make(chan struct{}), running: map[string]time.Time{},
		plan: plan.Plan{Changes: plan.Changes{}},
	}
	go w.tell()
	return w
}

func (w *watcher) note(event apitype.EngineEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan.Add(event)
	switch {
	case event.ResourcePreEvent != nil:
		// A component is under way for as long as its children are, which says nothing.
		if m := event.ResourcePreEvent.Metadata; m.Op != apitype.OpSame && (m.New == nil || m.New.Custom) {
			w.running[m.URN] = time.Now()
		}
	case event.ResOutputsEvent != nil:
		delete(w.running, event.ResOutputsEvent.Metadata.URN)
		w.finished++
	case event.ResOpFailedEvent != nil:
		delete(w.running, event.ResOpFailedEvent.Metadata.URN)
	case event.DiagnosticEvent != nil && event.DiagnosticEvent.Severity == "info":
		// what the program tells of a service's deployment
		if text := plan.Message(*event.DiagnosticEvent); text != "" && event.DiagnosticEvent.URN != "" {
			w.report.Note("  %s", text)
		}
	case event.DiagnosticEvent != nil && event.DiagnosticEvent.Severity == "error":
		if problem := diagnostic(*event.DiagnosticEvent); problem != nil {
			w.problems = append(w.problems, problem)
		}
	}
}

func (w *watcher) tell() {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-ticker.C:
			w.mu.Lock()
			if len(w.running) > 0 {
				w.report.Note("  %s: %d resources done, waiting for %s", w.name, w.finished, w.waiting())
			}
			w.mu.Unlock()
		}
	}
}

// waiting names the resources that have been under way longest.
func (w *watcher) waiting() string {
	urns := make([]string, 0, len(w.running))
	for urn := range w.running {
		urns = append(urns, urn)
	}
	sort.Slice(urns, func(i, j int) bool { return w.running[urns[i]].Before(w.running[urns[j]]) })
	more := ""
	if len(urns) > namedAtMost {
		more = fmt.Sprintf(" and %d more", len(urns)-namedAtMost)
		urns = urns[:namedAtMost]
	}
	for i, urn := range urns {
		urns[i] = fmt.Sprintf("%s (%s)", plan.ShortName(urn), time.Since(w.running[urn]).Round(time.Second))
	}
	return strings.Join(urns, ", ") + more
}

func (w *watcher) succeed() {
	close(w.stop)
	w.end(nil)
}

// failure joins what the engine reported, or else what Pulumi printed.
func (w *watcher) failure(doing string, err error) error {
	close(w.stop)
	w.end(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.problems) > 0 {
		return fmt.Errorf("%s: %w", doing, errors.Join(w.problems...))
	}
	return fmt.Errorf("%s: %w", doing, problemsOf(err))
}

// problemsOf are the problems that a failed command of Pulumi names on its console, each with the lines that go on with
// it; without any it is err.
func problemsOf(err error) error {
	var failed consoleError
	if !errors.As(err, &failed) {
		return err
	}
	var problems []string
	inside := false
	for line := range strings.Lines(failed.console) {
		line = strings.TrimSpace(line)
		text, begins := strings.CutPrefix(line, "error: ")
		switch {
		case begins && !closingLine.MatchString(text):
			problems, inside = append(problems, text), true
		case line == "" || begins:
			inside = false
		case inside:
			problems[len(problems)-1] += " " + line
		}
	}
	if len(problems) == 0 {
		return err
	}
	lines := make([]error, len(problems))
	for i, problem := range problems {
		lines[i] = errors.New(problem)
	}
	return errors.Join(lines...)
}

// Pulumi closes every failed update with the first of these, and one in which a hook failed with the second: they name
// no cause.
var closingLine = regexp.MustCompile(`(?s)^(update|preview|destroy|resource \S+ .*) (failed|errored)\.?$` +
	`|^an unhandled error occurred: program failed:\s+waiting for RPCs: .* resource monitor shut down`)

func diagnostic(event apitype.DiagnosticEvent) error {
	message := plan.Message(event)
	if message == "" || closingLine.MatchString(message) {
		return nil
	}
	if event.URN == "" {
		return errors.New(message)
	}
	return fmt.Errorf("%s: %s", plan.ShortName(event.URN), message)
}
