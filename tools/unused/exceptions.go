package main

import (
	"fmt"
	"os"
	"strings"
)

// exceptions are the names that may lead nowhere.
type exceptions struct {
	file   string
	labels []string
	taken  map[string]bool
}

// readExceptions reads one exception a line, `name: reason`; a line that begins with # says nothing. No file means no
// exceptions.
func readExceptions(file string) (*exceptions, error) {
	e := &exceptions{file: file, taken: map[string]bool{}}
	if file == "" {
		return e, nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the exceptions: %w", err)
	}
	for number, line := range strings.Split(string(content), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		label, reason, _ := strings.Cut(line, ":")
		if strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("%s:%d: exception %s has no reason: write `name: reason`", file, number+1, label)
		}
		e.labels = append(e.labels, label)
	}
	return e, nil
}

// take tells whether the name is an exception, and remembers that it is needed.
func (e *exceptions) take(label string) bool {
	for _, known := range e.labels {
		end, isEnd := strings.CutPrefix(known, "*")
		beginning, isBeginning := strings.CutSuffix(known, "*")
		if known == label || isEnd && strings.HasSuffix(label, end) || isBeginning && strings.HasPrefix(label, beginning) {
			e.taken[known] = true
			return true
		}
	}
	return false
}

// left gives a line for each exception that nobody needed.
func (e *exceptions) left() []string {
	var lines []string
	for _, label := range e.labels {
		if !e.taken[label] {
			lines = append(lines, fmt.Sprintf("%s: %s is used or gone: take its exception out", e.file, label))
		}
	}
	return lines
}
