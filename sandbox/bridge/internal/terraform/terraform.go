// Package terraform writes what Pulumi's engine previews as a configuration of Terraform, so that both can plan the same
// resources from nothing by the same providers.
package terraform

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/internal/bridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// Preview is what `pulumi preview --json --show-secrets` prints, as far as it is read here.
type Preview struct {
	Steps []struct {
		State *apitype.ResourceV3 `json:"newState"`
	} `json:"steps"`
}

// unknown is a value that nothing of the configuration gives and no plan knows.
const unknown = "terraform_data.unknown"

// object is one of Terraform's JSON syntax: https://developer.hashicorp.com/terraform/language/syntax/json
type object = map[string]any

// writer writes one configuration.
type writer struct {
	upstream map[string]*bridge.Upstream // by the provider's name
	// address is a resource's in the configuration, by its URN: of a provider the one that resources name.
	address   map[string]string
	providers map[string][]object
	resources map[string]object
}

// Configuration is the previewed resources in Terraform's JSON syntax, and how many they are. What depends on a resource that is not there yet refers
// to it, so that both know as little of it. A type that no provider of upstream has is an error; components are left out.
func Configuration(ctx context.Context, preview Preview, upstream map[string]*bridge.Upstream) (text []byte, count int, err error) {
	w := &writer{
		upstream: upstream, address: map[string]string{}, providers: map[string][]object{},
		resources: map[string]object{"terraform_data": {"unknown": object{}}},
	}
	for i, step := range preview.Steps { // what a resource depends on stands before it
		if step.State == nil || !step.State.Custom {
			continue
		}
		if err := w.write(ctx, i, step.State); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", step.State.URN, err)
		}
	}
	for _, each := range w.resources {
		count += len(each)
	}
	text, err = json.MarshalIndent(object{"provider": w.providers, "resource": w.resources}, "", " ")
	return text, count, err
}

func (w *writer) write(ctx context.Context, number int, state *apitype.ResourceV3) error {
	token := string(state.Type)
	inputs := resource.NewPropertyMapFromMapRepl(state.Inputs, nil, replaced)
	if name, ok := strings.CutPrefix(token, "pulumi:providers:"); ok {
		return w.provider(ctx, name, number, state, inputs)
	}
	name, _, _ := strings.Cut(token, ":")
	u := w.upstream[name]
	if u == nil {
		return fmt.Errorf("no provider %s is given", name)
	}
	for kind, info := range u.Info.Resources {
		if info.Tok.String() != token {
			continue
		}
		schema := u.Info.P.ResourcesMap().Get(kind).Schema()
		body, err := w.body(ctx, inputs, schema, info.Fields, state.PropertyDependencies)
		if err != nil {
			return err
		}
		provider := state.Provider[:max(0, strings.LastIndex(state.Provider, "::"))] // without its ID
		if body["provider"] = w.address[provider]; body["provider"] == "" {
			return fmt.Errorf("its provider %s is not previewed", provider)
		}
		if after := w.addresses(state.Dependencies); len(after) > 0 {
			body["depends_on"] = after
		}
		label := fmt.Sprintf("r%d", number)
		if w.resources[kind] == nil {
			w.resources[kind] = object{}
		}
		w.resources[kind][label] = body
		w.address[string(state.URN)] = kind + "." + label
		return nil
	}
	return fmt.Errorf("the provider %s has no %s", name, token)
}

func (w *writer) provider(ctx context.Context, name string, number int, state *apitype.ResourceV3, inputs resource.PropertyMap) error {
	u := w.upstream[name]
	if u == nil {
		return fmt.Errorf("no provider %s is given", name)
	}
	delete(inputs, "version")
	for key, value := range inputs {
		var parsed any
		if value.IsString() && json.Unmarshal([]byte(value.StringValue()), &parsed) == nil {
			inputs[key] = resource.NewPropertyValue(parsed)
		}
	}
	body, err := w.body(ctx, inputs, u.Info.P.Schema(), u.Info.Config, state.PropertyDependencies)
	if err != nil {
		return err
	}
	body["alias"] = fmt.Sprintf("p%d", number)
	w.providers[name] = append(w.providers[name], body)
	w.address[string(state.URN)] = name + "." + fmt.Sprint(body["alias"])
	return nil
}

// replaced is the value in whose place the engine writes another: for what it does not know, and for a secret.
// https://www.pulumi.com/docs/iac/concepts/secrets, pulumi/pkg/resource/stack/deployment.go
func replaced(value any) (resource.PropertyValue, bool) {
	switch v := value.(type) {
	case string:
		if v == plugin.UnknownStringValue {
			return resource.MakeComputed(resource.NewStringProperty("")), true
		}
	case map[string]any:
		if v[resource.SigKey] != resource.SecretSig {
			break
		}
		var plain any
		if text, ok := v["plaintext"].(string); ok && json.Unmarshal([]byte(text), &plain) == nil {
			return resource.NewPropertyValueRepl(plain, nil, replaced), true
		}
	}
	return resource.PropertyValue{}, false
}

// body is inputs by Terraform's names, with references where the engine does not know a value yet.
func (w *writer) body(
	ctx context.Context, inputs resource.PropertyMap, schema shim.SchemaMap, fields map[string]*tfbridge.SchemaInfo,
	dependencies map[resource.PropertyKey][]resource.URN,
) (object, error) {
	body, _, err := tfbridge.MakeTerraformInputsWithoutDefaults(ctx, nil, nil, nil, inputs, schema, fields)
	if err != nil {
		return nil, fmt.Errorf("translate its inputs: %w", err)
	}
	for key, value := range body {
		if strings.HasPrefix(key, "__") || value == nil {
			delete(body, key)
			continue
		}
		reference := unknown
		property := resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(key, schema, fields))
		if needed := w.addresses(dependencies[property]); len(needed) > 0 {
			reference = needed[0]
		}
		body[key] = refer(value, "${"+reference+".id}")
	}
	return body, nil
}

// addresses are those of the resources that the configuration has.
func (w *writer) addresses(urns []resource.URN) []string {
	found := map[string]bool{}
	for _, urn := range urns {
		if address, ok := w.address[string(urn)]; ok {
			found[address] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// refer puts a reference in the place of each unknown value, and has Terraform take other texts as they are.
func refer(value any, reference string) any {
	switch v := value.(type) {
	case string:
		if v == tfbridge.TerraformUnknownVariableValue {
			return reference
		}
		return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(v)
	case []any:
		for i := range v {
			v[i] = refer(v[i], reference)
		}
	case map[string]any:
		for key := range v {
			if strings.HasPrefix(key, "__") {
				delete(v, key)
				continue
			}
			v[key] = refer(v[key], reference)
		}
	}
	return value
}
