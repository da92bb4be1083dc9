package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// RemoveLabeled removes every container, volume, network and image that carries label ("key=value"), in use or not.
// It goes on after a failure and returns all of them.
func (e *Engine) RemoveLabeled(ctx context.Context, label string) error {
	return errors.Join(
		e.removeContainers(ctx, label),
		e.removeKind(ctx, "volume", label, "{{.Name}}", "--force"),
		e.removeKind(ctx, "network", label, "{{.Name}}"),
		e.removeKind(ctx, "image", label, imageID, "--force"), // also one of several names, or of none any more
	)
}

// imageID is the format of an image's ID.
const imageID = "{{.ID}}"

// Labeled lists the containers, volumes and networks by name, and the images by ID, that carry label.
func (e *Engine) Labeled(ctx context.Context, label string) ([]string, error) {
	var all []string
	containers, errContainers := e.list(ctx, "container", label, "{{.Names}}", "--all")
	volumes, errVolumes := e.list(ctx, "volume", label, "{{.Name}}")
	networks, errNetworks := e.list(ctx, "network", label, "{{.Name}}")
	images, errImages := e.list(ctx, "image", label, imageID)
	all = slices.Concat(containers, volumes, networks, images)
	return all, errors.Join(errContainers, errVolumes, errNetworks, errImages)
}

// removeContainers removes containers round by round: one whose network others share cannot go before them, and
// the engine's own order is no help. Anonymous volumes go with their containers.
func (e *Engine) removeContainers(ctx context.Context, label string) error {
	left := -1
	for {
		ids, err := e.list(ctx, "container", label, "{{.ID}}", "--all")
		if err != nil || len(ids) == 0 {
			return err
		}
		var failed error
		for _, id := range ids {
			args := []string{"container", "rm", "--force", "--volumes", id}
			if e.program == "podman" {
				args = slices.Insert(args, 2, "--time=0")
			}
			if _, err := e.Run(ctx, args...); err != nil && !isGone(err) {
				failed = errors.Join(failed, fmt.Errorf("remove container %s: %w", id, err))
			}
		}
		if failed == nil {
			continue
		}
		if left == len(ids) || ctx.Err() != nil {
			return failed
		}
		left = len(ids)
	}
}

// RemoveContainer ends and removes the container name; one that is not there is no error.
func (e *Engine) RemoveContainer(ctx context.Context, name string) error {
	if _, err := e.Run(ctx, "rm", "--force", name); err != nil && !isGone(err) {
		return err
	}
	return nil
}

// removeKind removes the volumes, networks or images that carry label.
func (e *Engine) removeKind(ctx context.Context, kind, label, format string, flags ...string) error {
	names, err := e.list(ctx, kind, label, format)
	for _, name := range names {
		args := append([]string{kind, "rm"}, flags...)
		if _, failed := e.Run(ctx, append(args, name)...); failed != nil && !isGone(failed) {
			err = errors.Join(err, fmt.Errorf("remove %s %s: %w", kind, name, failed))
		}
	}
	return err
}

func (e *Engine) list(ctx context.Context, kind, label, format string, flags ...string) ([]string, error) {
	args := append([]string{kind, "ls", "--filter", "label=" + label, "--format", format}, flags...)
	names, err := e.List(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("list %ss: %w", kind, err)
	}
	return names, nil
}

// listTries is how often a list is asked for that fails.
const listTries = 10

// List gives the words that a listing command prints. Podman's fails where somebody removes an image meanwhile: it is asked
// again then.
func (e *Engine) List(ctx context.Context, args ...string) (words []string, err error) {
	for range listTries {
		output, failed := e.Run(ctx, args...)
		words, err = strings.Fields(output), failed
		if err == nil || !strings.Contains(err.Error(), "locating image with ID") {
			break
		}
	}
	return words, err
}

// isGone tells whether the engine says that the thing is not there, which is what its removal wanted.
func isGone(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "no such") || strings.Contains(text, "no container with name") || strings.Contains(text, "not found")
}

func sortedKeys[V any](values map[string]V) []string { return slices.Sorted(maps.Keys(values)) }
