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

	"dagster-ecs/components/naming"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/iamdoc"
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
	var reading, changing []iamdoc.Statement
	for _, part := range s.parts() {
		reading, changing = append(reading, part.reading...), append(changing, part.changing...)
	}
	all.Deploy.Name, all.Preview.Name = s.role(deploy), s.role(preview)
	if all.Deploy.Policies, err = s.pack(deploy, append(slices.Clip(reading), changing...)); err != nil {
		return Access{}, err
	}
	if all.Preview.Policies, err = s.pack(preview, reading); err != nil {
		return Access{}, err
	}
	document, err := text("boundary", s.boundary()...)
	if err != nil {
		return Access{}, err
	}
	all.Boundary = Policy{Name: s.IAM.PermissionsBoundary, Document: document}
	return all, nil
}

// The short names of the two roles.
const (
	deploy  = "deploy"
	preview = "preview"
)

// part is what concerns one subject.
type part struct{ reading, changing []iamdoc.Statement }

func (s *stack) parts() []part {
	parts := []part{
		{readNetwork(), s.changeNetwork()},
		{s.readRoles(), s.changeRoles()},
		{nil, s.passRoles()},
		{s.readTasks(), s.changeTasks()},
		{s.readBalancing(), s.changeBalancing()},
		{s.readStorage(), s.changeStorage()},
		{s.readDatabase(), s.changeDatabase()},
		{s.readKeys(), s.changeKeys()},
		{s.readFunctions(), s.changeFunctions()},
		{s.readSchedules(), s.changeSchedules()},
	}
	if s.Monitoring.Enabled {
		parts = append(parts, part{s.readMonitor(), s.changeMonitor()}, part{s.readAlarms(), s.changeAlarms()})
	}
	if s.Audit.Trail == rules.TrailStack {
		parts = append(parts, part{s.readTrail(), s.changeTrail()})
	}
	return parts
}

// pack puts each statement into the first policy that has room for it: a role takes ten policies (IAM user guide, IAM and
// AWS STS quotas), and there are more subjects. Each statement says by its Sid what it is about.
func (s *stack) pack(role string, statements []iamdoc.Statement) (packed []Policy, err error) {
	var held [][]iamdoc.Statement
	for _, statement := range statements {
		at := 0
		for ; at < len(held); at++ {
			if _, err := text(role, append(slices.Clip(held[at]), statement)...); err == nil {
				break
			}
		}
		if at == len(held) {
			held = append(held, nil)
		}
		held[at] = append(held[at], statement)
	}
	for i, statements := range held {
		policy := Policy{Name: fmt.Sprintf("%s-%s-%d", s.names.Base(), role, i+1)}
		if policy.Document, err = text(policy.Name, statements...); err != nil {
			return nil, err
		}
		packed = append(packed, policy)
	}
	return packed, nil
}

// text writes a policy, and refuses one that IAM would not take.
func text(name string, statements ...iamdoc.Statement) (string, error) {
	document, err := iamdoc.Text(name, statements...)
	if err == nil && len(document) > policySize {
		err = fmt.Errorf("policy %s: has %d characters; IAM allows %d", name, len(document), policySize)
	}
	return document, err
}

// BoundaryARN is the ARN of the permissions boundary that settings name, empty where they name none.
func BoundaryARN(settings config.Settings, partition string) string {
	if settings.IAM.PermissionsBoundary == "" {
		return ""
	}
	account := iamdoc.Scope{Partition: partition, Region: settings.Region, Account: settings.Account}
	return account.GlobalARN("iam", "policy/"+strings.TrimPrefix(settings.IAM.PermissionsBoundary, "/"))
}
