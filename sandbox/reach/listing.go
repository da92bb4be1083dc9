package reach

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	listingPath     = "/_sandbox/reach"
	listingPatience = time.Minute
	groupSuffix     = "-group"
	balancer        = "webserver-balancer"
	// internet is how the program writes what the sandbox calls by its name.
	internet = "0.0.0.0/0"
)

// listing is who reaches whom in the account now, workloads of this stack by the names of their components.
func (s *Stack) listing(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, listingPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.aws+listingPath, nil)
	if err != nil {
		return nil, fmt.Errorf("ask who reaches whom: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask who reaches whom: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask who reaches whom: %s %w", response.Status, err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		for i, word := range words {
			if name, ok := s.groups[word]; ok {
				words[i] = name
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines, nil
}

// Reaches lists who reaches whom as the program's own list does (stacks/testdata/reach.*.txt): what rules and routes
// allow between workloads, from ranges, and to the internet. AWS's APIs are told by what is called, not by rules: those
// are left out.
func (s *Stack) Reaches(ctx context.Context) ([]string, error) {
	lines, err := s.listing(ctx)
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, name := range s.groups {
		own[name] = true
	}
	var found []string
	for _, line := range lines {
		from, to, reaches := strings.Cut(line, " reaches ")
		to = strings.Replace(to, "the internet", internet, 1)
		target, _, _ := strings.Cut(to, " ")
		if reaches && (own[from] && (own[target] || target == internet) || own[target] && strings.Contains(from, "/")) {
			found = append(found, from+" reaches "+to)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// affected are the workloads that reach something less than before, if only from some subnets, and the UI where it is about
// its load balancer.
func affected(before, after []string) (names []string) {
	note := func(lines, others []string, verb string) {
		for _, line := range lines {
			from, _, has := strings.Cut(line, verb)
			if !has || slices.Contains(others, line) {
				continue
			}
			names = append(names, strings.TrimSuffix(from, "-tasks"))
			if strings.Contains(line, balancer) {
				names = append(names, uiProbe)
			}
		}
	}
	note(before, after, " reaches ")
	note(after, before, " does not reach ")
	slices.Sort(names)
	return slices.Compact(names)
}
