package config

import (
	"fmt"
	"reflect"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// uselessness is a setting that another one takes the effect from. It is refused where it is given, whatever it says: who
// wrote it expects something of it.
type uselessness struct {
	key     string
	useless func(Settings) bool
	says    string
}

var uselessnesses = []uselessness{
	{"dagster:network.cidr", existingNetwork, "has no effect with dagster:network.vpcId; leave it out"},
	{"dagster:network.zones", existingNetwork, "has no effect with dagster:network.vpcId; leave it out"},
	{"dagster:network.nat", existingNetwork, "has no effect with dagster:network.vpcId; leave it out"},
	{"dagster:network.endpoints", existingNetwork, "has no effect with dagster:network.vpcId; leave it out"},
	{"dagster:database.connection.host", viaGateway, "has no effect with dagster:database.connection.via gateway; direct is allowed with it"},
	{"dagster:database.connection.localPort", direct, "has no effect with dagster:database.connection.via direct; leave it out"},
	{"dagster:retention.timezone", sleeps, "has no effect with dagster:hours.enabled, whose time zone counts; leave it out"},
	{"dagster:audit.retentionDays", noTrail, "has no effect without dagster:audit.trail stack; leave it out"},
}

func sleeps(s Settings) bool { return s.Hours.Enabled }

func viaGateway(s Settings) bool { return s.Database.Connection.Via == rules.ConnectionGateway }

func direct(s Settings) bool { return s.Database.Connection.Via == rules.ConnectionDirect }

func existingNetwork(s Settings) bool { return s.Network.Existing() }

// refuseUseless notes settings that are given and without effect. An empty text or list and 0 say nothing.
func (d *decoder) refuseUseless(s Settings) {
	for _, each := range uselessnesses {
		if value := find(reflect.ValueOf(s), each.key); d.given[each.key] && each.useless(s) && !empty(value) {
			d.Addf(each.key, "%s: %s", shown(value), each.says)
		}
	}
}

func empty(value reflect.Value) bool {
	return value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0
}

// shown is a value as a refusal shows it.
func shown(value reflect.Value) string {
	if value.Kind() == reflect.Int {
		return fmt.Sprint(value.Int())
	}
	return fmt.Sprintf("%q", value.Interface())
}

// relation is what a setting must have in common with others. It is judged only where all of them are sound themselves, so
// that one mistake has one answer.
type relation struct {
	key  string
	with []string
	hold func(Settings) error
}

var relations = []relation{
	{"dagster:image", []string{"dagster:network", "aws:region"}, imageWithinReach},
	{"dagster:network.cidr", []string{"dagster:network", "dagster:runs.maxConcurrent", "dagster:webserver"}, enoughAddresses},
	{"dagster:bucket.replicate", []string{"dagster:replicaRegion"}, func(s Settings) error {
		return unless(!s.Bucket.Replicate || s.ReplicaRegion != "", "true: needs dagster:replicaRegion")
	}},
	{"dagster:bucket.forceDestroy", []string{"dagster:protect"}, func(s Settings) error {
		return unless(!s.Bucket.ForceDestroy || !s.Protect, "true: contradicts dagster:protect; false is allowed with it")
	}},
	{"dagster:database.replicateBackups", []string{"dagster:replicaRegion"}, func(s Settings) error {
		return unless(!s.Database.ReplicateBackups || s.ReplicaRegion != "", "true: needs dagster:replicaRegion")
	}},
	{"dagster:database.finalSnapshot", []string{"dagster:protect"}, func(s Settings) error {
		return unless(s.Database.FinalSnapshot || !s.Protect, "false: contradicts dagster:protect; true is allowed with it")
	}},
	{"dagster:database.maxStorageGiB", []string{"dagster:database.storageGiB"}, func(s Settings) error {
		return rules.MaxStorageGiB(s.Database.MaxStorageGiB, s.Database.StorageGiB)
	}},
	{"dagster:database.connection.port", []string{"dagster:database.connection.host"}, func(s Settings) error {
		return unless(s.Database.Connection.Port == 0 || s.Database.Connection.Host != "",
			"has no effect without dagster:database.connection.host; leave it out")
	}},
	{"dagster:database.instanceClass", []string{"dagster:runs.cpu", "dagster:runs.maxConcurrent", "dagster:webserver"}, enoughConnections},
	{"dagster:webserver.maxInstances", []string{"dagster:webserver.minInstances"}, func(s Settings) error {
		return unless(s.Webserver.MinInstances <= s.Webserver.MaxInstances, "%d: less than minInstances, %d; that to %d is allowed",
			s.Webserver.MaxInstances, s.Webserver.MinInstances, mostWebservers)
	}},
	{"dagster:webserver.certificateArn", []string{"dagster:webserver.access"}, certificateWhereNeeded},
	{"dagster:runs.spotWeight", []string{"dagster:runs.onDemandWeight"}, func(s Settings) error {
		return rules.Weights(s.Runs.OnDemandWeight, s.Runs.SpotWeight)
	}},
	{"dagster:webserver.allowedCidrs", []string{"dagster:quotas", "dagster:webserver.certificateArn"}, enoughRules},
	{"dagster:code.destinations", []string{"dagster:quotas"}, enoughOutboundRules},
	{"dagster:monitoring.enabled", []string{"dagster:network", "dagster:webserver.access"}, monitorGoesOut},
	{"dagster:monitoring.freeStorageGiB", []string{"dagster:database.storageGiB"}, enoughFree},
	{"dagster:alerts.slackChannel", []string{"dagster:alerts.slackTeam"}, bothOfSlack},
	{"dagster:hours.enabled", []string{"dagster:profile"}, onlyDevelopmentSleeps},
	{"dagster:hours.stop", []string{"dagster:hours.start"}, stopsAfterStart},
	{"dagster:retention.time", []string{"dagster:hours"}, maintainedAwake},
	{"dagster:quotas.fargateVcpus", []string{"dagster:runs", "dagster:webserver", "dagster:daemon"}, enoughOnDemand},
	{"dagster:quotas.fargateSpotVcpus", []string{"dagster:runs"}, enoughSpot},
}

// relate judges what holds between settings.
func (s Settings) relate(list *problems.List) {
	for _, each := range relations {
		if list.Sound(each.key) && list.Sound(each.with...) {
			list.Take(each.key, each.hold(s))
		}
	}
}

// unless gives an error when ok is false.
func unless(ok bool, wrong string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(wrong, args...)
}
