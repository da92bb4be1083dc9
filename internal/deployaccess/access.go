// Package deployaccess says what the roles may do that deploy a stack and that preview it, and what the roles at most
// may do that the stack makes: as IAM policies, by the stack's own names.
//
// Where AWS judges by names, the policies name what the stack has, and nothing that merely begins in the same way: a
// stack prod never reaches one called prod-eu. Where AWS gives ids (EC2, KMS), the tags decide that the program puts on
// everything. Nothing here lets a role change itself, its policies or the boundary.
//
// A component that makes something new adds here what AWS asks for it: the sandbox deploys by these policies and is refused
// what they lack. What a role of it may do stands in the boundary as well.
package deployaccess

import (
	"fmt"
	"slices"
	"strings"

	"dagster-ecs/internal/config"
	"dagster-ecs/internal/iamdoc"
	"dagster-ecs/internal/naming"
	"dagster-ecs/internal/rules"
)

// policySize is how many characters a managed policy has at most (IAM user guide, IAM and AWS STS quotas).
const policySize = 6144

// SessionSeconds is how long credentials of the deploy role may live: longer than the longest update, in which a large
// database is made or changed.
const SessionSeconds = 4 * 60 * 60

// Policy is a managed policy.
type Policy struct {
	// Name is its name in the account.
	Name string
	// Document is its text as IAM takes it.
	Document string
}

// Role is a role with its policies.
type Role struct {
	// Name is its name in the account.
	Name string
	// Policies are all that it may do.
	Policies []Policy
}

// Access is all of a stack.
type Access struct {
	// Boundary bounds each role that the stack makes.
	Boundary Policy
	// Deploy runs up, refresh and destroy; Preview runs preview, with --refresh as well.
	Deploy, Preview Role
}

// For gives what a stack needs. It refuses settings without a boundary: a role that made roles without one could give
// itself every permission.
func For(settings config.Settings) (Access, error) {
	if settings.IAM.PermissionsBoundary == "" {
		return Access{}, fmt.Errorf("dagster:iam.permissionsBoundary: is required for a role that deploys; %s is a name for it",
			settings.Prefix+"-"+settings.Stack+"-boundary")
	}
	names, err := naming.New(settings.Prefix, settings.Stack, settings.StackInNames)
	if err != nil {
		return Access{}, fmt.Errorf("make names: %w", err)
	}
	s := &stack{Settings: settings, names: names, here: iamdoc.Scope{
		Partition: rules.Partition(settings.Region), Region: settings.Region, Account: settings.Account,
	}}
	s.there = s.here
	s.there.Region = settings.ReplicaRegion
	return s.access()
}

func (s *stack) access() (all Access, err error) {
	parts := []part{
		{"network", readNetwork(), s.changeNetwork()},
		{"roles", s.readRoles(), s.changeRoles()},
		{"passing", nil, s.passRoles()},
		{"tasks", s.readTasks(), s.changeTasks()},
		{"balancing", s.readBalancing(), s.changeBalancing()},
		{"storage", s.readStorage(), s.changeStorage()},
		{"database", s.readDatabase(), s.changeDatabase()},
		{"keys", s.readKeys(), s.changeKeys()},
	}
	if s.Monitoring.Enabled {
		parts = append(parts,
			part{"monitor", s.readMonitor(), s.changeMonitor()},
			part{"alarms", s.readAlarms(), s.changeAlarms()})
	}
	all.Deploy.Name, all.Preview.Name = s.role("deploy"), s.role("preview")
	for _, each := range parts {
		deploy, err := s.policy("deploy-"+each.subject, append(slices.Clip(each.reading), each.changing...))
		if err != nil {
			return Access{}, err
		}
		all.Deploy.Policies = append(all.Deploy.Policies, deploy)
		if each.reading == nil {
			continue
		}
		preview, err := s.policy("preview-"+each.subject, each.reading)
		if err != nil {
			return Access{}, err
		}
		all.Preview.Policies = append(all.Preview.Policies, preview)
	}
	document, err := iamdoc.Text("boundary", s.boundary()...)
	if err != nil {
		return Access{}, err
	}
	all.Boundary = Policy{Name: s.IAM.PermissionsBoundary, Document: document}
	return all, nil
}

// part is what concerns one subject.
type part struct {
	subject           string
	reading, changing []iamdoc.Statement
}

func (s *stack) policy(purpose string, statements []iamdoc.Statement) (Policy, error) {
	text, err := iamdoc.Text(purpose, statements...)
	if err == nil && len(text) > policySize {
		err = fmt.Errorf("policy %s: has %d characters; IAM allows %d", purpose, len(text), policySize)
	}
	return Policy{Name: s.names.Base() + "-" + purpose, Document: text}, err
}

// BoundaryARN is the ARN of the permissions boundary that settings name, empty where they name none.
func BoundaryARN(settings config.Settings, partition string) string {
	if settings.IAM.PermissionsBoundary == "" {
		return ""
	}
	account := iamdoc.Scope{Partition: partition, Region: settings.Region, Account: settings.Account}
	return account.GlobalARN("iam", "policy/"+strings.TrimPrefix(settings.IAM.PermissionsBoundary, "/"))
}
