package bridge

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/sandboxbridge/tables"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/schema"
)

// inner stands for the bridge and remembers what it was asked.
type inner struct {
	pulumirpc.UnimplementedResourceProviderServer
	asked []string
}

func (i *inner) Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	i.asked = append(i.asked, "Check")
	return &pulumirpc.CheckResponse{}, nil
}

func (i *inner) CheckConfig(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	i.asked = append(i.asked, "CheckConfig")
	return &pulumirpc.CheckResponse{}, nil
}

func (i *inner) Invoke(context.Context, *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	i.asked = append(i.asked, "Invoke")
	return &pulumirpc.InvokeResponse{}, nil
}

func text() shim.Schema { return (&schema.Schema{Type: shim.TypeString, Optional: true}).Shim() }

func block(t shim.ValueType, maxItems int, fields schema.SchemaMap) shim.Schema {
	return (&schema.Schema{
		Type: t, Optional: true, MaxItems: maxItems, Elem: (&schema.Resource{Schema: fields}).Shim(),
	}).Shim()
}

// server serves a type with a scalar, a map, a list of blocks, a single block and a renamed property.
func server(t *testing.T) (*strictServer, *inner) {
	t.Helper()
	fields := schema.SchemaMap{
		"topic_arn": text(),
		"tags":      (&schema.Schema{Type: shim.TypeMap, Optional: true, Elem: text()}).Shim(),
		"rule": block(shim.TypeList, 0, schema.SchemaMap{
			"days":   text(),
			"filter": block(shim.TypeList, 1, schema.SchemaMap{"prefix": text()}),
		}),
	}
	upstream := &schema.Provider{
		Schema:         schema.SchemaMap{"region": text(), "default_tags": block(shim.TypeList, 1, schema.SchemaMap{"tags": text()})},
		ResourcesMap:   schema.ResourceMap{"aws_thing": (&schema.Resource{Schema: fields}).Shim()},
		DataSourcesMap: schema.ResourceMap{"aws_thing": (&schema.Resource{Schema: schema.SchemaMap{"state": text()}}).Shim()},
	}
	info, err := describe("aws", upstream.Shim(), &tables.Table{
		Types: []tables.Type{
			{Terraform: "aws_thing", Token: "aws:x/thing:Thing"},
			{Terraform: "aws_thing", Token: "aws:x/getThing:getThing", Function: true},
		},
		Resources: map[string]tables.Overrides{"aws_thing": {"topic_arn": {Name: "topic"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	behind := &inner{}
	return &strictServer{ResourceProviderServer: behind, upstream: &Upstream{Info: info}}, behind
}

func wire(t *testing.T, props map[string]any) *structpb.Struct {
	t.Helper()
	out, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(props), keepAll)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnknownPropertiesAreRefusedAtEveryDepth(t *testing.T) {
	for name, test := range map[string]struct {
		props   map[string]any
		refused []string
	}{
		"all known": {props: map[string]any{
			"topic": "x", "tags": map[string]any{"any": "key"}, "__internal": "x",
			"rules": []any{map[string]any{"days": "1", "filter": map[string]any{"prefix": "p"}}},
		}},
		"at the top":              {map[string]any{"topik": "x"}, []string{"topik"}},
		"terraform's own name":    {map[string]any{"topicArn": "x"}, []string{"topicArn"}},
		"in a list":               {map[string]any{"rules": []any{map[string]any{"days": "1"}, map[string]any{"day": "1"}}}, []string{"rules[1].day"}},
		"two levels down":         {map[string]any{"rules": []any{map[string]any{"filter": map[string]any{"prefixes": "p"}}}}, []string{"rules[0].filter.prefixes"}},
		"in a secret":             {map[string]any{"rules": resource.MakeSecret(resource.NewPropertyValue([]any{map[string]any{"day": "1"}}))}, []string{"rules[0].day"}},
		"with a value not known":  {map[string]any{"nope": resource.MakeComputed(resource.NewStringProperty(""))}, []string{"nope"}},
		"several, all of them":    {map[string]any{"b": "x", "a": "x"}, []string{"a", "b"}},
		"beside values not known": {map[string]any{"topic": resource.MakeComputed(resource.NewStringProperty("")), "a": "x"}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, behind := server(t)
			answer, err := s.Check(t.Context(), &pulumirpc.CheckRequest{
				Urn: "urn:pulumi:dev::dagster::aws:x/thing:Thing::one", News: wire(t, test.props),
			})
			if err != nil {
				t.Fatal(err)
			}
			refusals(t, answer.GetFailures(), "aws:x/thing:Thing", test.refused)
			if passed := len(behind.asked) == 1; passed != (len(test.refused) == 0) {
				t.Errorf("the bridge was asked %v", behind.asked)
			}
		})
	}
}

func refusals(t *testing.T, failures []*pulumirpc.CheckFailure, token string, want []string) {
	t.Helper()
	if len(failures) != len(want) {
		t.Fatalf("refused %v, want %v", failures, want)
	}
	for i, f := range failures {
		if f.GetProperty() != want[i] {
			t.Errorf("refused %q, want %q", f.GetProperty(), want[i])
		}
		for _, word := range []string{token, want[i]} {
			if !strings.Contains(f.GetReason(), word) {
				t.Errorf("reason %q does not name %q", f.GetReason(), word)
			}
		}
	}
}

func TestUnknownProviderConfigurationIsRefused(t *testing.T) {
	s, _ := server(t)
	answer, err := s.CheckConfig(t.Context(), &pulumirpc.CheckRequest{News: wire(t, map[string]any{
		"region": "us-west-1", "version": "6.83.2", "regoin": "us-west-1", "defaultTags": `{"tag": {"a": "b"}}`,
	})})
	if err != nil {
		t.Fatal(err)
	}
	refusals(t, answer.GetFailures(), "pulumi:providers:aws", []string{"defaultTags.tag", "regoin"})
}

func TestUnknownFunctionArgumentsAreRefused(t *testing.T) {
	s, behind := server(t)
	answer, err := s.Invoke(t.Context(), &pulumirpc.InvokeRequest{
		Tok: "aws:x/getThing:getThing", Args: wire(t, map[string]any{"stat": "available"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	refusals(t, answer.GetFailures(), "aws:x/getThing:getThing", []string{"stat"})
	if len(behind.asked) != 0 {
		t.Errorf("the bridge was asked %v", behind.asked)
	}
}
