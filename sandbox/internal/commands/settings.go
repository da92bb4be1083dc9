package commands

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/rules"
	"dagster-ecs/sandbox/internal/images"
	"dagster-ecs/sandbox/internal/stackfile"
)

// example is the project that a sandbox runs unless another is given.
const example = "examples/asset-manager"

// readFile reads the stack's settings, with stand-ins for what its owner has encrypted.
func (s *Session) readFile() (*stackfile.File, error) {
	given, err := stackfile.ReadGiven(s.standInFile(), os.Environ())
	if err != nil {
		return nil, err
	}
	return stackfile.Read(s.Repo, s.Stack, s.Set, given)
}

// reachable refuses a stack that is deployed and used from inside of its network: this machine is outside.
func reachable(settings config.Settings) error {
	connection := settings.Database.Connection
	if connection.Via == rules.ConnectionGateway || connection.Host != "" && settings.Webserver.Access == rules.AccessInternetFacing {
		return nil
	}
	return fmt.Errorf("dagster:database.connection.via: %q: this machine is outside of the sandbox's networks; allowed here are %q, "+
		"and dagster:database.connection.host with an address that leads in beside dagster:webserver.access %q",
		connection.Via, rules.ConnectionGateway, rules.AccessInternetFacing)
}

// standInFile gives stand-ins for encrypted values to all sandboxes of this checkout. Git ignores it with its folder.
func (s *Session) standInFile() string { return filepath.Join(s.Root(), "secrets.yaml") }

// openProject answers the project whose image the command needs, or nil.
func (s *Session) openProject(file *stackfile.File, use codeUse) (*images.Project, error) {
	if use == noCode {
		return nil, nil
	}
	dir := s.Project
	if dir == "" {
		dir = filepath.Join(s.Repo, example)
	}
	project, err := images.OpenProject(dir, file.Settings.Image)
	if err == nil {
		project.NameOnly = use == codeName
	}
	return project, err
}

// majorVersion is PostgreSQL's, which the program's decoder has checked.
func majorVersion(settings config.Settings) int {
	number, _ := strconv.Atoi(string(settings.Database.EngineVersion))
	return number
}
