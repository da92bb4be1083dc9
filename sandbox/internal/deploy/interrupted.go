package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// ErrUnrecorded says that an interrupted update created resources that the state does not know; nobody can say which.
var ErrUnrecorded = errors.New("an interrupted deployment created resources that its state does not know")

// takenName is how AWS's services and PostgreSQL refuse to create what is there: AlreadyExists, EntityAlreadyExists,
// ResourceAlreadyExistsException, AlreadyOwnedByYou, InvalidGroup.Duplicate, DuplicateListener, `role "x" already exists`,
// and "Creation of service was not idempotent" of ECS.
var takenName = regexp.MustCompile(`(?i)already ?exists|AlreadyOwnedByYou|Duplicate|not idempotent`)

// mark is a file that is there while an update is under way, and after one that was interrupted or killed.
type mark string

func markIn(dir string) mark { return mark(filepath.Join(dir, "updating")) }

// set answers whether an earlier update left the mark.
func (m mark) set() (interrupted bool, err error) {
	if _, err := os.Stat(string(m)); err == nil {
		return true, nil
	}
	if err := os.WriteFile(string(m), nil, 0o600); err != nil {
		return false, fmt.Errorf("note that an update is under way: %w", err)
	}
	return false, nil
}

func (m mark) clear() error {
	if err := os.Remove(string(m)); err != nil {
		return fmt.Errorf("note that the update has ended: %w", err)
	}
	return nil
}
