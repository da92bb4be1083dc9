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

	"dagster-ecs/sandbox/internal/progress"
)

const (
	// reportEvery is how often a person is told how far a deployment is.
	reportEvery = 10 * time.Second
	namedAtMost = 3
	// drainWithin bounds the wait for the last events of a failed operation.
	drainWithin = 2 * time.Second
)

// watcher follows the engine's events: it reports how far the operation is and what it waits for, and keeps what went
// wrong.
type watcher struct {
	events eventStream
	name   string
	report *progress.Reporter
	end    func(error)
	done   chan struct{}
	stop   chan struct{}

	mu       sync.Mutex
	finished int
	running  map[string]time.Time
	problems []error
}

func watch(report *progress.Reporter, name string) *watcher {
	w := &watcher{
		events: make(eventStream), name: name, report: report, end: report.Step(name),
		done: make(chan struct{}), stop: make(chan struct{}), running: map[string]time.Time{},
	}
	go w.receive()
	go w.tell()
	return w
}

func (w *watcher) receive() {
	defer close(w.done)
	for event := range w.events {
		w.mu.Lock()
		w.note(event.EngineEvent)
		w.mu.Unlock()
	}
}

func (w *watcher) note(event apitype.EngineEvent) {
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
		urns[i] = fmt.Sprintf("%s (%s)", shortName(urn), time.Since(w.running[urn]).Round(time.Second))
	}
	return strings.Join(urns, ", ") + more
}

func (w *watcher) succeed() {
	close(w.stop)
	<-w.done
	w.end(nil)
}

// failure joins what the engine reported; the Automation API's own error repeats the whole console output.
func (w *watcher) failure(doing string, err error) error {
	close(w.stop)
	select {
	case <-w.done:
	case <-time.After(drainWithin): // an engine that failed before its first event never closes the stream
	}
	w.end(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	problems := w.problems
	if len(problems) == 0 {
		problems = errorLines(err)
	}
	return fmt.Errorf("%s: %w", doing, errors.Join(problems...))
}

// errorLines are the problems that the engine names, each with the lines that go on with it; the Automation API's error
// holds its whole console.
func errorLines(err error) []error {
	var problems []string
	inside := false
	for _, line := range strings.Split(err.Error(), "\n") {
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
		gist, _, _ := strings.Cut(err.Error(), "\nstdout: ")
		return []error{errors.New(gist)}
	}
	lines := make([]error, len(problems))
	for i, problem := range problems {
		lines[i] = errors.New(problem)
	}
	return lines
}

var (
	colorTag = regexp.MustCompile(`<\{%[^%]*%\}>`)
	// Pulumi closes every failed update with this line, which names no cause.
	closingLine = regexp.MustCompile(`^(update|preview|destroy|resource \S+ .*) (failed|errored)\.?$`)
)

func diagnostic(event apitype.DiagnosticEvent) error {
	message := strings.TrimSpace(colorTag.ReplaceAllString(event.Message, ""))
	if message == "" || closingLine.MatchString(message) {
		return nil
	}
	if event.URN == "" {
		return errors.New(message)
	}
	return fmt.Errorf("%s: %s", shortName(event.URN), message)
}

// shortName is the type's last part and the name of a URN.
func shortName(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return urn
	}
	kind := parts[2]
	if i := strings.LastIndex(kind, ":"); i >= 0 {
		kind = kind[i+1:]
	}
	return kind + " " + parts[len(parts)-1]
}
