// Package pulumitest runs Pulumi programs and components without an engine and records what they register: type, name,
// inputs, parent, provider, protection, aliases and dependencies.
//
// It fails closed: a function that no test answers is an error. In unknown-values mode the program runs as in a first
// preview, where no resource has outputs yet; this finds code that cannot bear it. It refuses nothing else and knows
// AWS only by its type tokens, so that a test links no more of the SDK than the component under test.
package pulumitest

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Account, Region and Stack are what the recorded program sees of its surroundings. The account is the one of AWS's
// documentation.
const (
	Account = "111122223333"
	Region  = "us-west-1"
	Stack   = "dev"
	project = "dagster"
)

// Resource is one recorded registration.
type Resource struct {
	// Type is the type token, Name the logical name, URN both with the parents' types.
	Type, Name, URN string
	// Parent is the logical name of the parent, empty for the stack.
	Parent string
	// Provider is the logical name of the explicit provider, empty for the default one.
	Provider string
	// Custom tells resources of a provider from components.
	Custom bool
	// Protect and Retain are nil when the program said nothing about them.
	Protect, Retain *bool
	// Aliases are the former names or URNs.
	Aliases []string
	// Dependencies are the logical names of what the resource waits for, sorted.
	Dependencies []string
	// IgnoreChanges are the properties whose changes are ignored, ReplaceOnChanges those that replace.
	IgnoreChanges, ReplaceOnChanges []string
	// Inputs are the resource's inputs; secrets are marked.
	Inputs resource.PropertyMap
}

// Outputs computes what a provider adds to a resource's inputs.
type Outputs func(Resource) resource.PropertyMap

// Function answers a provider function.
type Function func(args resource.PropertyMap) (resource.PropertyMap, error)

// Recorder stands in for the engine and records. Make it with New; a Recorder serves one Run.
type Recorder struct {
	mutex     sync.Mutex
	resources []Resource
	outputs   map[string]Outputs
	functions map[string]Function
	config    map[string]string
	secrets   []string
	stack     string
	unknown   bool
}

// Option changes a recorder.
type Option func(*Recorder)

// Unknown runs the program as a first preview does: outputs that a provider computes are unknown.
func Unknown() Option { return func(r *Recorder) { r.unknown = true } }

// InStack names the stack that the program sees; Stack otherwise.
func InStack(name string) Option { return func(r *Recorder) { r.stack = name } }

// WithConfig gives the program's settings by full key (dagster:prefix); keys named in secrets are marked secret.
func WithConfig(config map[string]string, secrets ...string) Option {
	return func(r *Recorder) { r.config, r.secrets = config, secrets }
}

// WithOutputs replaces the computed outputs of a type.
func WithOutputs(token string, outputs Outputs) Option {
	return func(r *Recorder) { r.outputs[token] = outputs }
}

// WithFunction answers a function that has no answer yet, or another one.
func WithFunction(token string, function Function) Option {
	return func(r *Recorder) { r.functions[token] = function }
}

// New returns a recorder that knows the outputs and functions in aws.go.
func New(options ...Option) *Recorder {
	r := &Recorder{outputs: knownOutputs(), functions: knownFunctions(), stack: Stack}
	for _, option := range options {
		option(r)
	}
	return r
}

// Run runs a program and returns its error.
func (r *Recorder) Run(program pulumi.RunFunc) error {
	return pulumi.RunErr(program, pulumi.WithMocks(project, r.stack, r), func(info *pulumi.RunInfo) {
		info.DryRun = r.unknown
		info.Config = r.config
		info.ConfigSecretKeys = r.secrets
	})
}

// Record runs a program with a new recorder and fails the test when the program fails.
func Record(t testing.TB, program pulumi.RunFunc, options ...Option) *Recorder {
	t.Helper()
	r := New(options...)
	if err := r.Run(program); err != nil {
		t.Fatalf("run the program: %v", err)
	}
	return r
}

// NewResource records a registration; it is called by the SDK.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	recorded := record(args)
	recorded.URN = urn(r.stack, args)
	if err := keepUnknown(&recorded, args); err != nil {
		return "", nil, err
	}
	r.mutex.Lock()
	r.resources = append(r.resources, recorded)
	r.mutex.Unlock()

	state := args.Inputs.Copy()
	if !args.Custom && args.ID == "" || r.unknown && args.ID == "" {
		return "", state, nil
	}
	id := args.ID
	if id == "" {
		id = args.Name + "-id"
	}
	for key, value := range defaultOutputs(recorded) {
		state[key] = value
	}
	if outputs, ok := r.outputs[args.TypeToken]; ok {
		for key, value := range outputs(recorded) {
			state[key] = value
		}
	}
	return id, state, nil
}

// Call answers a function or fails; it is called by the SDK.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	function, ok := r.functions[args.Token]
	if !ok {
		return nil, fmt.Errorf("function %s has no answer in this test", args.Token)
	}
	result, err := function(args.Args)
	if err != nil {
		return nil, fmt.Errorf("answer %s: %w", args.Token, err)
	}
	return result, nil
}

// All lists what was registered, sorted by type and name.
func (r *Recorder) All() []Resource {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	sorted := append([]Resource(nil), r.resources...)
	sort.Slice(sorted, func(i, j int) bool {
		if sorted[i].Type != sorted[j].Type {
			return sorted[i].Type < sorted[j].Type
		}
		return sorted[i].Name < sorted[j].Name
	})
	return sorted
}

// Of lists the resources of a type, sorted by name.
func (r *Recorder) Of(token string) []Resource {
	var found []Resource
	for _, each := range r.All() {
		if each.Type == token {
			found = append(found, each)
		}
	}
	return found
}

// One finds a resource by type and name and fails the test where there is none.
func (r *Recorder) One(t testing.TB, token, name string) Resource {
	t.Helper()
	for _, each := range r.Of(token) {
		if each.Name == name {
			return each
		}
	}
	t.Fatalf("no %s named %s; registered: %s", token, name, strings.Join(r.Names(token), ", "))
	return Resource{}
}

// Names lists the logical names of a type.
func (r *Recorder) Names(token string) []string {
	var names []string
	for _, each := range r.Of(token) {
		names = append(names, each.Name)
	}
	return names
}

// record takes over what a registration says.
func record(args pulumi.MockResourceArgs) Resource {
	recorded := Resource{
		Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs, Custom: args.Custom, Provider: providerName(args.Provider),
	}
	if rpc := args.ReadRPC; rpc != nil {
		recorded.Parent = nameOf(rpc.GetParent())
	}
	rpc := args.RegisterRPC
	if rpc == nil {
		return recorded
	}
	recorded.Parent = nameOf(rpc.GetParent())
	recorded.Protect, recorded.Retain = rpc.Protect, rpc.RetainOnDelete
	recorded.IgnoreChanges, recorded.ReplaceOnChanges = rpc.GetIgnoreChanges(), rpc.GetReplaceOnChanges()
	for _, alias := range rpc.GetAliases() {
		if urn := alias.GetUrn(); urn != "" {
			recorded.Aliases = append(recorded.Aliases, urn)
		} else {
			recorded.Aliases = append(recorded.Aliases, alias.GetSpec().GetName())
		}
	}
	for _, dependency := range rpc.GetDependencies() {
		recorded.Dependencies = append(recorded.Dependencies, nameOf(dependency))
	}
	sort.Strings(recorded.Dependencies)
	return recorded
}

// keepUnknown takes the inputs from the call itself: the SDK's mock monitor drops unknown values on the way.
func keepUnknown(recorded *Resource, args pulumi.MockResourceArgs) error {
	if args.RegisterRPC == nil {
		return nil
	}
	inputs, err := plugin.UnmarshalProperties(args.RegisterRPC.GetObject(), plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true,
	})
	if err != nil {
		return fmt.Errorf("read the inputs of %s %s: %w", args.TypeToken, args.Name, err)
	}
	recorded.Inputs = inputs
	return nil
}

// urn rebuilds the URN as the SDK's mock monitor makes it.
func urn(stack string, args pulumi.MockResourceArgs) string {
	parent := ""
	if args.RegisterRPC != nil {
		parent = args.RegisterRPC.GetParent()
	}
	if parent != "" && typeOf(parent) != string(resource.RootStackType) {
		return "urn:pulumi:" + stack + "::" + project + "::" + typeOf(parent) + "$" + args.TypeToken + "::" + args.Name
	}
	return "urn:pulumi:" + stack + "::" + project + "::" + args.TypeToken + "::" + args.Name
}

// nameOf is the logical name in a URN; empty for the stack itself.
func nameOf(urn string) string {
	if urn == "" || typeOf(urn) == string(resource.RootStackType) {
		return ""
	}
	return urn[strings.LastIndex(urn, "::")+2:]
}

// typeOf is the qualified type in a URN.
func typeOf(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// providerName is the logical name in a provider reference (URN::id).
func providerName(reference string) string {
	if reference == "" {
		return ""
	}
	parts := strings.Split(reference, "::")
	if len(parts) < 4 {
		return reference
	}
	return parts[3]
}
