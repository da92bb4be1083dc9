package config

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/subnets"
)

var (
	regionForm   = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	accountForm  = regexp.MustCompile(`^\d{12}$`)
	prefixForm   = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	imageForm    = regexp.MustCompile(`^[^\s@]+(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$`)
	clusterForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	moduleForm   = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	databaseForm = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`)
	bucketForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,53}[a-z0-9]$`)
	variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	secretForm   = regexp.MustCompile(`(?i)password|passwd|secret|token|api_?key|private_?key`)
)

// retentions are the days that CloudWatch Logs offers (API reference, PutRetentionPolicy).
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// validate reports every wrong value, under the key that sets it.
func (s Settings) validate() error {
	var list problems.List
	s.validateStack(&list)
	s.validateNetwork(&list)
	s.validateBucket(&list)
	s.validateDatabase(&list)
	s.validateWorkloads(&list)
	s.validateVariables(&list)
	s.validateCapacity(&list)
	return list.Err()
}

func (s Settings) validateStack(list *problems.List) {
	list.Check(regionForm.MatchString(s.Region), "aws:region", "%q is no region such as us-west-1", s.Region)
	list.Check(accountForm.MatchString(s.Account), "dagster:account", "%q: twelve digits are needed", s.Account)
	list.OneOf("dagster:profile", string(s.Profile), string(ProfileDev), string(ProfileProd))
	list.Check(prefixForm.MatchString(s.Prefix) && len(s.Prefix) >= 2 && len(s.Prefix) <= 20, "dagster:prefix",
		"%q: 2 to 20 lower-case letters, digits and single hyphens, a letter first", s.Prefix)
	list.Check(imageForm.MatchString(s.Image), "dagster:image", "%q: an image with a tag or a digest is needed", s.Image)
	list.Check(!strings.HasSuffix(s.Image, ":latest"), "dagster:image",
		"%q: the tag latest is refused, a task started tomorrow would run other code", s.Image)
	list.Check(s.ReplicaRegion == "" || regionForm.MatchString(s.ReplicaRegion), "dagster:replicaRegion",
		"%q is no region such as us-west-2", s.ReplicaRegion)
	list.Check(s.ReplicaRegion != s.Region, "dagster:replicaRegion", "%q is aws:region itself", s.ReplicaRegion)
	list.Check(clusterForm.MatchString(s.Cluster.Name), "dagster:cluster.name",
		"%q: 1 to 255 letters, digits, hyphens and underscores", s.Cluster.Name)
	list.OneOf("dagster:cluster.insights", string(s.Cluster.Insights),
		string(InsightsDisabled), string(InsightsEnabled), string(InsightsEnhanced))
	list.Check(moduleForm.MatchString(s.Code.Module), "dagster:code.module",
		"%q is no Python module such as asset_manager.definitions", s.Code.Module)
	list.Check(slices.Contains(retentions, s.Logs.RetentionDays), "dagster:logs.retentionDays",
		"%d is not one of %v", s.Logs.RetentionDays, retentions)
	list.Between("dagster:logs.tickDays", s.Logs.TickDays, 1, 3650)
}

func (s Settings) validateNetwork(list *problems.List) {
	n := s.Network
	if !n.Existing() {
		_, err := subnets.Divide(n.Cidr, n.Zones)
		list.Check(err == nil, "dagster:network.cidr", "%v", err)
		list.OneOf("dagster:network.nat", string(n.Nat), string(NatNone), string(NatSingle), string(NatPerZone))
		list.Check(len(n.PrivateSubnetIds)+len(n.DatabaseSubnetIds)+len(n.PublicSubnetIds) == 0, "dagster:network.vpcId",
			"is required with ids of subnets")
		return
	}
	list.Check(len(n.PrivateSubnetIds) >= 2, "dagster:network.privateSubnetIds", "two at least are needed with vpcId")
	list.Check(len(n.DatabaseSubnetIds) >= 2, "dagster:network.databaseSubnetIds", "two at least are needed with vpcId")
	list.Check(s.Webserver.Access != AccessInternetFacing || len(n.PublicSubnetIds) >= 2, "dagster:network.publicSubnetIds",
		"two at least are needed with webserver.access internet-facing")
}

func (s Settings) validateBucket(list *problems.List) {
	b := s.Bucket
	list.Check(b.Name == "" || bucketForm.MatchString(b.Name), "dagster:bucket.name",
		"%q: 3 to 55 lower-case letters, digits and hyphens", b.Name)
	list.Between("dagster:bucket.computeLogDays", b.ComputeLogDays, 0, 3650)
	list.Check(b.ArtifactTierDays == 0 || b.ArtifactTierDays >= 30, "dagster:bucket.artifactTierDays",
		"%d: 0, or 30 and more", b.ArtifactTierDays)
	list.Between("dagster:bucket.oldVersionDays", b.OldVersionDays, 1, 3650)
	list.Check(!b.Replicate || s.ReplicaRegion != "", "dagster:bucket.replicate", "needs dagster:replicaRegion")
	list.Check(!b.ForceDestroy || !s.Protect, "dagster:bucket.forceDestroy", "contradicts dagster:protect")
}

func (s Settings) validateDatabase(list *problems.List) {
	d := s.Database
	list.OneOf("dagster:database.engineVersion", d.EngineVersion, "16", "17")
	list.Between("dagster:database.storageGiB", d.StorageGiB, 20, 65536)
	list.Check(d.MaxStorageGiB == 0 || d.MaxStorageGiB*10 >= d.StorageGiB*11, "dagster:database.maxStorageGiB",
		"%d: 0, or a tenth above storageGiB (%d) at least", d.MaxStorageGiB, d.StorageGiB)
	list.Between("dagster:database.backupDays", d.BackupDays, 1, 35)
	list.Check(!d.ReplicateBackups || s.ReplicaRegion != "", "dagster:database.replicateBackups", "needs dagster:replicaRegion")
	list.Check(!s.Protect || d.FinalSnapshot, "dagster:database.finalSnapshot", "is required with dagster:protect")
	list.Check(databaseForm.MatchString(d.Name), "dagster:database.name", "%q: lower-case letters, digits and underscores", d.Name)
	list.Check(d.Rotation >= 1, "dagster:database.rotation", "%d: rotations count from 1", d.Rotation)
	list.Between("dagster:database.connection.port", d.Connection.Port, 0, 65535)
}

func (s Settings) validateWorkloads(list *problems.List) {
	w, r := s.Webserver, s.Runs
	fargate(list, "dagster:webserver", w.Cpu, w.Memory)
	fargate(list, "dagster:daemon", s.Daemon.Cpu, s.Daemon.Memory)
	fargate(list, "dagster:runs", r.Cpu, r.Memory)
	list.Between("dagster:webserver.minInstances", w.MinInstances, 1, 10)
	list.Between("dagster:webserver.maxInstances", w.MaxInstances, max(w.MinInstances, 1), 10)
	list.OneOf("dagster:webserver.access", string(w.Access), string(AccessInternal), string(AccessInternetFacing))
	list.Between("dagster:webserver.idleTimeoutSeconds", w.IdleTimeoutSeconds, 61, 4000)
	for _, cidr := range w.AllowedCidrs {
		prefix, err := netip.ParsePrefix(cidr)
		list.Check(err == nil && prefix.Addr().Is4(), "dagster:webserver.allowedCidrs", "%q is no IPv4 range such as 10.0.0.0/8", cidr)
	}
	open := w.Access == AccessInternetFacing
	list.Check(!open || len(w.AllowedCidrs) > 0 && !slices.Contains(w.AllowedCidrs, "0.0.0.0/0"), "dagster:webserver.allowedCidrs",
		"an allow-list is needed to face the internet, since Dagster has no login: not empty, not 0.0.0.0/0")
	list.Check(!open && s.Profile != ProfileProd || w.CertificateArn != "", "dagster:webserver.certificateArn",
		"is required to face the internet and with profile prod")
	list.Check(w.CertificateArn == "" || strings.Contains(w.CertificateArn, ":acm:"+s.Region+":"+s.Account+":certificate/"),
		"dagster:webserver.certificateArn", "%q is no ACM certificate of region %s and account %s", w.CertificateArn, s.Region, s.Account)
	list.Between("dagster:runs.maxConcurrent", r.MaxConcurrent, 1, 1000)
	list.Between("dagster:runs.onDemandWeight", r.OnDemandWeight, 0, 1000)
	list.Between("dagster:runs.spotWeight", r.SpotWeight, 0, 1000)
	list.Check(r.OnDemandWeight+r.SpotWeight > 0, "dagster:runs.spotWeight", "one of onDemandWeight and spotWeight must be above 0")
	list.Between("dagster:runs.startTimeoutSeconds", r.StartTimeoutSeconds, 180, 3600)
	list.Check(r.MaxRuntimeSeconds >= 0, "dagster:runs.maxRuntimeSeconds", "%d is negative", r.MaxRuntimeSeconds)
	list.Between("dagster:runs.maxRetries", r.MaxRetries, 0, 10)
	for _, limit := range r.TagLimits {
		list.Required("dagster:runs.tagLimits.key", limit.Key)
		list.Check(limit.Value == "" || !limit.PerValue, "dagster:runs.tagLimits.perValue", "contradicts a value (%q)", limit.Value)
		list.Between("dagster:runs.tagLimits.limit", limit.Limit, 0, r.MaxConcurrent)
	}
}

func fargate(list *problems.List, key string, cpu, memory int) {
	allowed := capacity.Memories(cpu)
	if allowed == nil {
		list.Addf(key+".cpu", "%d is not a Fargate CPU size %v", cpu, capacity.CPUs())
		return
	}
	list.Check(slices.Contains(allowed, memory), key+".memory", "%d does not go with cpu %d: one of %v MiB", memory, cpu, allowed)
}

func (s Settings) validateVariables(list *problems.List) {
	managed := func(key, name string) {
		list.Check(variableForm.MatchString(name), key, "%q is no name of an environment variable", name)
		list.Check(!strings.HasPrefix(name, "DAGSTER_") && !strings.HasPrefix(name, "AWS_") && !strings.HasPrefix(name, "PG"),
			key, "%s is managed by the program", name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		managed("dagster:environment", name)
		list.Check(!secretForm.MatchString(name), "dagster:environment", "%s looks like a secret: it belongs into dagster:secrets", name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		managed("dagster:secrets", name)
		_, twice := s.Environment[name]
		list.Check(!twice, "dagster:secrets", "%s is in dagster:environment as well", name)
	}
}

// validateCapacity checks the numbers against each other.
func (s Settings) validateCapacity(list *problems.List) {
	allowed, err := capacity.MaxConnections(s.Database.InstanceClass)
	if err != nil {
		list.Addf("dagster:database.instanceClass", "%v", err)
	} else {
		needed := capacity.Connections(s.Webserver.MaxInstances, s.Runs.MaxConcurrent)
		list.Check(needed <= allowed, "dagster:database.instanceClass",
			"%s allows %d connections, but webserver.maxInstances %d and runs.maxConcurrent %d may open %d",
			s.Database.InstanceClass, allowed, s.Webserver.MaxInstances, s.Runs.MaxConcurrent, needed)
	}
	if plan, err := subnets.Divide(s.Network.Cidr, s.Network.Zones); err == nil && !s.Network.Existing() {
		// a rolling webserver is there twice for a while; the daemon is one, the load balancer takes up to 8 per zone
		needed := s.Runs.MaxConcurrent + 2*s.Webserver.MaxInstances + 1 + 8*s.Network.Zones
		list.Check(needed <= plan.PrivateAddresses(), "dagster:network.cidr", "%s has %d addresses for tasks, but %d may be needed",
			s.Network.Cidr, plan.PrivateAddresses(), needed)
	}
}
