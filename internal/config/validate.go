package config

import (
	"reflect"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// validate notes every wrong value under the key that sets it: first those that are wrong alone, then those that are wrong
// beside others.
func (s Settings) validate(list *problems.List) {
	for _, part := range []func(*problems.List){
		s.validateStack, s.validateCluster, s.validateLogs, s.validateRetention, s.validateChoices, s.validateCode, s.validateNetwork, s.validateBucket,
		s.validateDatabase, s.validateWebserver, s.validateDaemon, s.validateRuns, s.validateMonitoring, s.validateAlerts, s.validateHours,
		s.validateAudit, s.validateQuotas,
		s.validateIAM, s.validateVariables,
		s.relate,
	} {
		part(list)
	}
}

func (s Settings) validateStack(list *problems.List) {
	list.Take("stack", rules.Stack(s.Stack))
	list.Take("aws:region", rules.Region(s.Region))
	list.Take("dagster:account", rules.Account(s.Account))
	list.Take("dagster:prefix", rules.Prefix(s.Prefix))
	if s.ReplicaRegion != "" {
		list.Take("dagster:replicaRegion", rules.ReplicaRegion(s.ReplicaRegion, s.Region))
	}
}

// validateChoices checks every setting of which only some values are known.
func (s Settings) validateChoices(list *problems.List) {
	for _, each := range topLevels {
		validateChoice(list, each.Key, each.of(reflect.ValueOf(s)))
	}
}

func validateChoice(list *problems.List, key string, value reflect.Value) {
	if choice, ok := value.Interface().(rules.Choice); ok {
		list.OneOf(key, value.String(), choice.Allowed()...)
		return
	}
	if value.Kind() == reflect.Struct {
		for i := range value.NumField() {
			validateChoice(list, key+"."+value.Type().Field(i).Tag.Get(Tag), value.Field(i))
		}
	}
}
