package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Cluster is the ECS cluster that all tasks run in.
type Cluster struct {
	// Name is the name of a new cluster: up to 255 letters, digits, hyphens and underscores. A cluster of this name that is
	// there already is refused.
	Name string `setting:"name"`

	// Existing is the name of a cluster of this account and region to run in instead of a new one. It is neither changed
	// nor deleted. It must offer the capacity provider FARGATE, and FARGATE_SPOT where runs.spotWeight is above 0. With it
	// name and insights must be left out.
	Existing string `setting:"existing"`

	// Insights is the mode of Container Insights: off, metrics per service, or metrics per task, which cost more.
	Insights rules.InsightsMode `setting:"insights"`
}

func defaultCluster(profile Profile) Cluster {
	if profile == ProfileProd {
		return Cluster{Name: "fulcrum-cluster", Insights: rules.InsightsEnhanced}
	}
	return Cluster{Name: "fulcrum-cluster", Insights: rules.InsightsDisabled}
}

// ClusterName is the name of the cluster that tasks run in, a new or an existing one.
func (c Cluster) ClusterName() string {
	if c.Existing != "" {
		return c.Existing
	}
	return c.Name
}

func (s Settings) validateCluster(list *problems.List) {
	c, unset := s.Cluster, Defaults(s.Profile).Cluster
	if c.Existing == "" {
		list.Take("dagster:cluster.name", rules.ClusterName(c.Name))
		return
	}
	list.Take("dagster:cluster.existing", rules.ClusterName(c.Existing))
	list.Check(c.Name == unset.Name, "dagster:cluster.name", "%q: has no effect with existing; leave it out", c.Name)
	list.Check(c.Insights == unset.Insights, "dagster:cluster.insights", "%q: has no effect with existing; leave it out", c.Insights)
}
