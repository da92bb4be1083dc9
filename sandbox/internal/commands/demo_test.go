package commands

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"dagster-ecs/internal/dagster"
)

// says answers one text after the other, the last one again and again; an empty text is an error.
func says(texts ...string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		text := texts[0]
		if len(texts) > 1 {
			texts = texts[1:]
		}
		if text == "" {
			return "", errors.New("not now")
		}
		return text, nil
	}
}

// followed is what a person sees of a run, which ends when all of it was said.
func followed(t *testing.T, status, waits, stopped func(context.Context) (string, error), want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var told []string
	f := follower{every: time.Millisecond, status: status, waits: waits, stopped: stopped, tell: func(text string) {
		if told = append(told, text); len(told) == len(want) {
			cancel()
		}
	}}
	if _, err := f.follow(ctx); !slices.Equal(told, want) {
		t.Errorf("a person sees %q, want %q: %v", told, want, err)
	}
}

func TestWhyTheTaskOfARunStoppedIsToldWhileTheRunStillStarts(t *testing.T) {
	followed(t, says("STARTING"), nil, says("", "a task of run stopped: unable to pull secrets"),
		"STARTING", "a task of run stopped: unable to pull secrets")
}

func TestWhatAQueuedRunWaitsForIsToldOnceAndAgainWhenItChanges(t *testing.T) {
	followed(t, says(dagster.Queued), says("5 of at most 5 runs are in progress", "5 of at most 5 runs are in progress",
		"the daemon is not healthy: SENSOR"), nil,
		dagster.Queued, "waits: 5 of at most 5 runs are in progress", "waits: the daemon is not healthy: SENSOR")
}

func TestARunThatFailsAtOnceIsToldWithWhyItsTaskStopped(t *testing.T) {
	followed(t, says(dagster.Failure), nil, says("a task of run stopped: exited with 1"),
		dagster.Failure, "a task of run stopped: exited with 1")
}
