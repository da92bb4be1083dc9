package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Cluster is the ECS cluster that all tasks run in.
type Cluster struct {
	// Name is the cluster's name: up to 255 letters, digits, hyphens and underscores.
	Name string `setting:"name"`

	// Insights is the mode of Container Insights: off, metrics per service, or metrics per task, which cost more.
	Insights rules.InsightsMode `setting:"insights"`

	// Exec lets people with the permission open a shell in the tasks (aws ecs execute-command).
	Exec bool `setting:"exec"`
}

func defaultCluster(profile Profile) Cluster {
	if profile == ProfileProd {
		return Cluster{Name: "fulcrum-cluster", Insights: rules.InsightsEnhanced}
	}
	return Cluster{Name: "fulcrum-cluster", Insights: rules.InsightsDisabled}
}

func (s Settings) validateCluster(list *problems.List) {
	list.Take("dagster:cluster.name", rules.ClusterName(s.Cluster.Name))
}
