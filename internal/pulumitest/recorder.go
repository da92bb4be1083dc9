// Package pulumitest runs Pulumi programs and components without an engine and records what they register: type, name,
// inputs, parent, provider, protection, aliases, dependencies and hooks.
//
// It fails closed: a function that no test answers is an error. In unknown-values mode the program runs as in a first
// preview, where no resource has outputs yet; this finds code that cannot bear it. It refuses nothing else and knows
// AWS only by its type tokens, so that a test links no more of the SDK than the component under test.
package pulumitest

import (
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
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
	// DeletedWith is the logical name of what it goes with, without being deleted itself; empty when it is.
	DeletedWith string
	// IgnoreChanges are the properties whose changes are ignored, ReplaceOnChanges those that replace.
	IgnoreChanges, ReplaceOnChanges []string
	// DeleteBeforeReplace is nil when the program leaves it to the provider.
	DeleteBeforeReplace *bool
	// Hooks are the names of the resource's hooks by what they are bound to, such as BeforeUpdate. They are never called.
	Hooks map[string][]string
	// Inputs are the resource's inputs; secrets are marked.
	Inputs resource.PropertyMap
	// Outputs are what a component registered when it was complete; nil when it did not.
	Outputs resource.PropertyMap
}

// outputs computes what a provider adds to a resource's inputs.
type outputs func(Resource) resource.PropertyMap

// Function answers a provider function.
type Function func(args resource.PropertyMap) (resource.PropertyMap, error)

// Recorder stands in for the engine and records. Make it with New; a Recorder serves one Run.
type Recorder struct {
	mutex     sync.Mutex
	resources []Resource
	exports   resource.PropertyMap
	warnings  []string
	outputs   map[string]outputs
	functions map[string]Function
	config    map[string]string
	secrets   []string
	stack     string
	root      string
	unknown   bool
}

// Option changes a recorder.
type Option func(*Recorder)

// Unknown runs the program as a first preview does: outputs that a provider computes are unknown.
func Unknown() Option { return func(r *Recorder) { r.unknown = true } }

// InStack names the stack that the program sees; Stack otherwise.
func InStack(name string) Option { return func(r *Recorder) { r.stack = name } }

// InRoot names the folder of the project file and the stacks' files; none otherwise.
func InRoot(folder string) Option { return func(r *Recorder) { r.root = folder } }

// WithConfig gives the program's settings by full key (dagster:prefix); keys named in secrets are marked secret.
func WithConfig(config map[string]string, secrets ...string) Option {
	return func(r *Recorder) { r.config, r.secrets = config, secrets }
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
	return serve(r, func(address string) error { return r.run(program, address) })
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

// add keeps a registration.
func (r *Recorder) add(recorded Resource) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.resources = append(r.resources, recorded)
}

// warn keeps a warning.
func (r *Recorder) warn(message string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.warnings = append(r.warnings, message)
}

// Warnings are what the program warned of.
func (r *Recorder) Warnings() []string { return r.warnings }

// close keeps the outputs of a component or of the stack.
func (r *Recorder) close(urn string, outputs resource.PropertyMap) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if typeOf(urn) == string(resource.RootStackType) {
		r.exports = outputs
	}
	for i := range r.resources {
		if r.resources[i].URN == urn {
			r.resources[i].Outputs = outputs
		}
	}
}

// Exports are the outputs of the stack.
func (r *Recorder) Exports() resource.PropertyMap {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.exports
}

// answer is the id and state that the resource's provider would give it.
func (r *Recorder) answer(recorded Resource, importID string) (string, resource.PropertyMap) {
	state := recorded.Inputs.Copy()
	if !recorded.Custom || r.unknown && importID == "" {
		return "", state
	}
	for key, value := range defaultOutputs(recorded) {
		state[key] = value
	}
	if outputs, ok := r.outputs[recorded.Type]; ok {
		for key, value := range outputs(recorded) {
			state[key] = value
		}
	}
	if importID != "" {
		return importID, state
	}
	return recorded.Name + "-id", state
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
func record(in *pulumirpc.RegisterResourceRequest, urn string, inputs resource.PropertyMap) Resource {
	recorded := Resource{
		Type: in.GetType(), Name: in.GetName(), URN: urn, Parent: nameOf(in.GetParent()),
		Provider: providerName(in.GetProvider()), Custom: in.GetCustom(),
		Protect: in.Protect, Retain: in.RetainOnDelete, DeletedWith: nameOf(in.GetDeletedWith()),
		IgnoreChanges: in.GetIgnoreChanges(), ReplaceOnChanges: in.GetReplaceOnChanges(),
		Inputs: inputs,
	}
	if first := in.GetDeleteBeforeReplace(); in.GetDeleteBeforeReplaceDefined() {
		recorded.DeleteBeforeReplace = &first
	}
	for _, alias := range in.GetAliases() {
		if urn := alias.GetUrn(); urn != "" {
			recorded.Aliases = append(recorded.Aliases, urn)
		} else {
			recorded.Aliases = append(recorded.Aliases, alias.GetSpec().GetName())
		}
	}
	for _, dependency := range in.GetDependencies() {
		recorded.Dependencies = append(recorded.Dependencies, nameOf(dependency))
	}
	sort.Strings(recorded.Dependencies)
	recorded.Hooks = hooksOf(in.GetHooks())
	return recorded
}

// hooksOf are the names of the hooks that are bound, by what they are bound to.
func hooksOf(bound *pulumirpc.RegisterResourceRequest_ResourceHooksBinding) map[string][]string {
	hooks := map[string][]string{}
	for when, names := range map[string][]string{
		"BeforeCreate": bound.GetBeforeCreate(), "AfterCreate": bound.GetAfterCreate(),
		"BeforeUpdate": bound.GetBeforeUpdate(), "AfterUpdate": bound.GetAfterUpdate(),
		"BeforeDelete": bound.GetBeforeDelete(), "AfterDelete": bound.GetAfterDelete(),
	} {
		if len(names) > 0 {
			hooks[when] = names
		}
	}
	return hooks
}

// newURN makes a URN as the engine does: the types of all parents, and the name.
func newURN(stack string, in *pulumirpc.RegisterResourceRequest) string {
	qualified := in.GetType()
	if parent := typeOf(in.GetParent()); parent != "" && parent != string(resource.RootStackType) {
		qualified = parent + "$" + qualified
	}
	return "urn:pulumi:" + stack + "::" + project + "::" + qualified + "::" + in.GetName()
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
