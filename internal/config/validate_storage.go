package config

import (
	"net/netip"
	"regexp"
	"slices"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/subnets"
)

var (
	bucketForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,53}[a-z0-9]$`)
	databaseForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	hostForm     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	vpcForm      = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetForm   = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
)

func (s Settings) validateNetwork(list *problems.List) {
	n := s.Network
	if !n.Existing() {
		_, err := subnets.Divide(n.Cidr, subnets.MaxZones)
		list.Check(err == nil, "dagster:network.cidr", "%v", err)
		list.Between("dagster:network.zones", n.Zones, 2, subnets.MaxZones)
		list.OneOf("dagster:network.nat", string(n.Nat), string(NatNone), string(NatSingle), string(NatPerZone))
		list.Check(len(n.PrivateSubnetIds)+len(n.DatabaseSubnetIds)+len(n.PublicSubnetIds) == 0, "dagster:network.vpcId",
			"is required with ids of subnets: an existing network needs all of them")
		return
	}
	list.Check(vpcForm.MatchString(n.VpcId), "dagster:network.vpcId", "%q is no id of a VPC such as vpc-0a1b2c3d4e5f60718", n.VpcId)
	existingSubnets(list, "dagster:network.privateSubnetIds", n.PrivateSubnetIds, true)
	existingSubnets(list, "dagster:network.databaseSubnetIds", n.DatabaseSubnetIds, true)
	facing := s.Webserver.Access == AccessInternetFacing
	existingSubnets(list, "dagster:network.publicSubnetIds", n.PublicSubnetIds, facing)
}

// existingSubnets checks the ids of subnets in two zones at least; none are allowed where they are not needed.
func existingSubnets(list *problems.List, key string, ids []string, needed bool) {
	if len(ids) == 0 && !needed {
		return
	}
	distinct := len(slices.Compact(slices.Sorted(slices.Values(ids))))
	list.Check(distinct >= 2 && distinct == len(ids), key, "%q: two different subnets at least are needed with vpcId", ids)
	for _, id := range ids {
		list.Check(subnetForm.MatchString(id), key, "%q is no id of a subnet such as subnet-0a1b2c3d4e5f60718", id)
	}
}

func (s Settings) validateBucket(list *problems.List) {
	b := s.Bucket
	list.Check(b.Name == "" || bucketForm.MatchString(b.Name), "dagster:bucket.name",
		"%q is not 3 to 55 lower-case letters, digits and hyphens", b.Name)
	list.Between("dagster:bucket.computeLogDays", b.ComputeLogDays, 0, 3650)
	list.Check(b.ArtifactTierDays == 0 || b.ArtifactTierDays >= 30 && b.ArtifactTierDays <= 3650, "dagster:bucket.artifactTierDays",
		"%d is neither 0 nor between 30 and 3650", b.ArtifactTierDays)
	list.Between("dagster:bucket.oldVersionDays", b.OldVersionDays, 1, 3650)
	list.Check(!b.Replicate || s.ReplicaRegion != "", "dagster:bucket.replicate", "true needs dagster:replicaRegion")
	list.Check(!b.ForceDestroy || !s.Protect, "dagster:bucket.forceDestroy", "true contradicts dagster:protect")
}

func (s Settings) validateDatabase(list *problems.List) {
	d := s.Database
	list.OneOf("dagster:database.engineVersion", d.EngineVersion, "16", "17")
	list.Between("dagster:database.storageGiB", d.StorageGiB, 20, 65536)
	list.Check(d.MaxStorageGiB == 0 || d.MaxStorageGiB*10 >= d.StorageGiB*11 && d.MaxStorageGiB <= 65536,
		"dagster:database.maxStorageGiB", "%d is neither 0 nor between a tenth above storageGiB (%d) and 65536", d.MaxStorageGiB, d.StorageGiB)
	list.Between("dagster:database.backupDays", d.BackupDays, 1, 35)
	list.Check(!d.ReplicateBackups || s.ReplicaRegion != "", "dagster:database.replicateBackups", "true needs dagster:replicaRegion")
	list.Check(!s.Protect || d.FinalSnapshot, "dagster:database.finalSnapshot", "false contradicts dagster:protect")
	list.Check(databaseForm.MatchString(d.Name), "dagster:database.name",
		"%q is not 1 to 63 lower-case letters, digits and underscores, a letter first", d.Name)
	list.Check(d.Rotation >= 1, "dagster:database.rotation", "%d is below 1: rotations count from 1", d.Rotation)
	host := d.Connection.Host
	_, err := netip.ParseAddr(host)
	list.Check(host == "" || err == nil || hostForm.MatchString(host), "dagster:database.connection.host",
		"%q is no host name or address", host)
	list.Between("dagster:database.connection.port", d.Connection.Port, 0, 65535)
}
