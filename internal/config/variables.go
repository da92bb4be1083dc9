package config

import (
	"maps"
	"regexp"
	"slices"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// changedDate is what a date without quotes becomes on its way through YAML and Pulumi.
var changedDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} `)

func (s Settings) validateVariables(list *problems.List) {
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		key, value := "dagster:environment."+name, s.Environment[name]
		list.Take(key, rules.OwnVariable(name))
		list.Take(key, rules.PlainVariable(name, value))
		list.Check(!changedDate.MatchString(value), key, "%q: is a date that YAML rewrote; put the date in quotes", value)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		key := "dagster:secrets." + name
		list.Take(key, rules.OwnVariable(name))
		list.Take(key, rules.SecretValue(s.Secrets[name].Reveal()))
		_, twice := s.Environment[name]
		list.Check(!twice, key, "stands in dagster:environment as well; one of the two is allowed")
	}
}
