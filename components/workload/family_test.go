package workload

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// registered is a family with one revision in use, whose tags are given; nil tags: there is none.
type registered struct {
	tags map[string]string
	err  error
}

func (r registered) ListTaskDefinitions(
	_ context.Context, in *ecs.ListTaskDefinitionsInput, _ ...func(*ecs.Options),
) (*ecs.ListTaskDefinitionsOutput, error) {
	if r.tags == nil || in.Status != types.TaskDefinitionStatusActive {
		return &ecs.ListTaskDefinitionsOutput{}, r.err
	}
	return &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: []string{aws.ToString(in.FamilyPrefix) + ":3"}}, r.err
}

func (r registered) DescribeTaskDefinition(
	context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options),
) (*ecs.DescribeTaskDefinitionOutput, error) {
	out := &ecs.DescribeTaskDefinitionOutput{}
	for key, value := range r.tags {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return out, nil
}

func TestRevisionsAreAddedToTheStacksOwnFamilyOnly(t *testing.T) {
	own := map[string]string{"Application": "asset-manager", "Environment": "dev"}
	for name, each := range map[string]struct {
		family  registered
		refused string
	}{
		"a new family":        {registered{}, ""},
		"an earlier revision": {registered{tags: map[string]string{"Application": "asset-manager", "Environment": "dev", "team": "a"}}, ""},
		"another stack's":     {registered{tags: map[string]string{"Application": "asset-manager", "Environment": "prod"}}, `the tag Environment of asset-manager-web:3 is "prod", want "dev"`},
		"one without tags":    {registered{tags: map[string]string{}}, "family asset-manager-web already exists and is not this stack's"},
		"nobody may look":     {registered{err: errors.New("AccessDenied")}, "list task definitions of asset-manager-web: AccessDenied"},
	} {
		err := refuseForeignFamily(t.Context(), each.family, "asset-manager-web", own)
		if each.refused == "" && err != nil || each.refused != "" && (err == nil || !strings.Contains(err.Error(), each.refused)) {
			t.Errorf("%s: got %v, want %q", name, err, each.refused)
		}
	}
}
