package config

import (
	"reflect"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// validate reports every wrong value, under the key that sets it.
func (s Settings) validate() *problems.List {
	list := &problems.List{}
	for _, part := range []func(*problems.List){
		s.validateStack, s.validateChoices, s.validateImage, s.validateNetwork, s.validateBucket, s.validateDatabase,
		s.validateWebserver, s.validateRuns, s.validateVariables, s.validateCapacity,
	} {
		part(list)
	}
	return list
}

func (s Settings) validateStack(list *problems.List) {
	list.Take("stack", rules.Stack(s.Stack))
	list.Take("aws:region", rules.Region(s.Region))
	list.Take("dagster:account", rules.Account(s.Account))
	list.Take("dagster:prefix", rules.Prefix(s.Prefix))
	if s.ReplicaRegion != "" {
		list.Take("dagster:replicaRegion", rules.ReplicaRegion(s.ReplicaRegion, s.Region))
	}
	list.Take("dagster:cluster.name", rules.ClusterName(s.Cluster.Name))
	list.Take("dagster:logs.retentionDays", rules.LogRetention(s.Logs.RetentionDays))
	list.Between("dagster:logs.tickDays", s.Logs.TickDays, 1, 3650)
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

func (s Settings) validateImage(list *problems.List) {
	list.Take("dagster:image", rules.Image(s.Image))
	if !s.Network.Existing() && s.Network.Nat == rules.NatNone {
		list.Take("dagster:image", rules.ImageWithoutInternet(s.Image, s.Region))
	}
	list.Take("dagster:code.module", rules.PythonModule(s.Code.Module))
}
