package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/pipeline"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// settings are those of the account; Pulumi.account.yaml describes them.
type settings struct {
	StateBucket   string
	Protect       bool
	ReplicaRegion string
	ImagesKept    int
	Repository    *repository
	Budget        *monthly
	// stacks are the settings of the stacks themselves, in the order of their names.
	stacks []config.Settings
}

// repository is whose jobs take the roles.
type repository struct {
	Host             pipeline.Host `json:"host"`
	Path             string        `json:"path"`
	ExistingProvider bool          `json:"existingProvider"`
}

// monthly is what a month may cost.
type monthly struct {
	MonthlyUSD int      `json:"monthlyUsd"`
	Emails     []string `json:"emails"`
}

// load reads the settings, and those of the stacks in a folder. The error, if any, holds every problem; what the components
// refuse by themselves is left to them.
func load(ctx *pulumi.Context, folder string) (*settings, error) {
	s := &settings{}
	var list problems.List
	var names []string
	read := map[string]any{
		"account:stacks": &names, "account:stateBucket": &s.StateBucket, "account:protect": &s.Protect,
		"account:repository": &s.Repository, "account:replicaRegion": &s.ReplicaRegion, "account:budget": &s.Budget, "account:imagesKept": &s.ImagesKept,
	}
	for key, into := range read {
		if raw, given := ctx.GetConfig(key); given {
			list.Take(key, decode(raw, into))
		}
	}
	keys, err := config.GivenKeys()
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if strings.HasPrefix(key, "account:") && read[key] == nil {
			list.Addf(key, "is unknown; %s", problems.Allowed(slices.Sorted(maps.Keys(read))...))
		}
	}
	list.Required("account:stateBucket", s.StateBucket)
	list.Check(len(names) > 0, "account:stacks", "is required")
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		stack, err := config.ReadFile(folder, name)
		list.Take("account:stacks", err)
		s.stacks = append(s.stacks, stack)
	}
	if list.Sound("account:stacks") {
		list.Take("account:stacks", alike(s.stacks))
	}
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("read the settings of the account: %w", err)
	}
	return s, nil
}

// decode reads a value as Pulumi hands it over: a text as it is, everything else as JSON.
func decode(raw string, into any) error {
	if text, ok := into.(*string); ok {
		*text = raw
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", raw, err)
	}
	return nil
}

// alike refuses stacks of several accounts or regions: each account is bootstrapped by itself.
func alike(stacks []config.Settings) error {
	first := stacks[0]
	for _, other := range stacks[1:] {
		if other.Account != first.Account || other.Region != first.Region || other.Prefix != first.Prefix {
			return fmt.Errorf("%s (%s, %s, %s) and %s (%s, %s, %s) differ in account, region or prefix; one of each is allowed",
				first.Stack, first.Account, first.Region, first.Prefix, other.Stack, other.Account, other.Region, other.Prefix)
		}
	}
	return nil
}

// images are the repositories of the account's own registry that the stacks' images are in.
func (s *settings) images() (repositories []string) {
	for _, stack := range s.stacks {
		image, ours := rules.OfECR(stack.Image)
		if ours && image.Account == stack.Account && image.Region == stack.Region && !slices.Contains(repositories, image.Repository) {
			repositories = append(repositories, image.Repository)
		}
	}
	return repositories
}
