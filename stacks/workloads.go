package stacks

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/configuration"
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/migration"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/service"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/components/webserver"
	"dagster-ecs/components/workload"
	"dagster-ecs/internal/rules"
)

const (
	httpsPort = 443
	// migrationCPU and migrationMemory, in Fargate's units and MiB, suffice: Dagster migrates history in small parts.
	migrationCPU, migrationMemory = 512, 1024
)

// preparePlatform gathers what webserver, daemon and runs have in common.
func (s *stack) preparePlatform() error {
	environment := configuration.Environment(configuration.Surroundings{
		Region:       s.settings.Region,
		DatabaseHost: s.database.Address, DatabasePort: database.Port, DatabaseName: s.database.DatabaseName,
		Bucket: s.bucket.Name,
	})
	for name, value := range s.settings.Environment {
		environment[name] = pulumi.String(value)
	}
	s.platform = workload.Platform{
		Names:           s.names,
		Location:        s.location,
		Cluster:         s.cluster.Ref,
		VpcID:           s.network.VpcID,
		Subnets:         s.network.PrivateSubnetIDs,
		Environment:     environment,
		ParameterKeyArn: s.secrets.KeyArn,
		Rollouts:        s.rollouts,
	}
	return nil
}

func (s *stack) buildLauncher() (err error) {
	wanted := s.settings.Runs
	s.launcher, err = runlauncher.New(s.ctx, "runs", &runlauncher.Args{
		Spec:   s.spec(runsLog, wanted.CPU, wanted.Memory),
		Bucket: s.bucket.Granted(prefixes),
	}, s.withAws())
	return err
}

func (s *stack) buildWebserver() (err error) {
	wanted := s.settings.Webserver
	front := webserver.Front{
		Access:         wanted.Access,
		Subnets:        s.network.PrivateSubnetIDs,
		AllowedCidrs:   wanted.AllowedCidrs,
		CertificateArn: wanted.CertificateArn,
		Hostname:       wanted.Hostname,
		IdleSeconds:    wanted.IdleTimeoutSeconds,
		AccessLogs:     s.bucket.LogsName,
		Protect:        s.settings.Protect,
	}
	switch {
	case front.Access == webserver.AccessInternetFacing:
		front.Subnets = s.network.PublicSubnetIDs
		if s.settings.Monitoring.Enabled {
			front.NatAddresses = s.network.NatAddresses
		}
	case s.gateway != nil:
		front.Gateway = s.gateway.SecurityGroupID
	case len(front.AllowedCidrs) == 0:
		// Without it nobody would come in. With it runs do as well, and Dagster has no login.
		front.AllowedCidrs = []string{s.network.CidrBlock}
	}
	s.webserver, err = webserver.New(s.ctx, "webserver", &webserver.Args{
		Spec:    s.spec(webserver.Kind, wanted.CPU, wanted.Memory),
		Scaling: webserver.Scaling{Min: wanted.MinInstances, Max: wanted.MaxInstances, Sleeps: s.settings.Hours.Enabled},
		Front:   front,
		Files:   s.configuration.Files,
		Bucket:  s.bucket.Granted(prefixes),
		Runs:    []runlauncher.Runs{s.launcher.Runs},
		Alarms:  s.deploymentAlarms(),
		// The daemon comes first: where it does not come up, the UI of before goes on.
		Before: s.daemon.Deployed,
	}, s.withAws())
	return err
}

func (s *stack) buildMigration() (err error) {
	spec := s.spec(daemon.Kind, migrationCPU, migrationMemory)
	spec.Secrets = s.secrets.List(migrationGroup)
	s.migration, err = migration.New(s.ctx, "migration", &migration.Args{
		Spec: spec, Module: s.settings.Code.Module, OwnerRole: database.Owner, InstanceID: s.database.InstanceID,
	}, s.withAws())
	return err
}

func (s *stack) buildDaemon() (err error) {
	s.daemon, err = daemon.New(s.ctx, "daemon", &daemon.Args{
		Spec:   s.spec(daemon.Kind, s.settings.Daemon.CPU, s.settings.Daemon.Memory),
		Files:  s.configuration.Files,
		Bucket: s.bucket.Granted(prefixes),
		Runs:   []runlauncher.Runs{s.launcher.Runs},
		Sleeps: s.settings.Hours.Enabled,
		Before: service.Before{
			Ready: s.migration.Needed, Hooks: []*pulumi.ResourceHook{s.migration.Gate},
		},
	}, s.withAws())
	return err
}

// spec is what every workload is given; log is the kind of its log group.
func (s *stack) spec(log string, cpu, memory int) workload.Spec {
	return workload.Spec{
		Platform: s.platform,
		Image:    s.settings.Image,
		CPU:      cpu,
		Memory:   memory,
		Log:      s.logs.Groups[log],
		Secrets:  s.secrets.List(""),
		Reach:    s.reach(),
	}
}

// reach is where every workload of Dagster connects to that loads the code.
func (s *stack) reach() []workload.Peer { return slices.Concat(s.inward(), s.destinations()) }

// inward is what every workload of Dagster needs, whatever the code does.
func (s *stack) inward() []workload.Peer {
	peers := []workload.Peer{{
		Name: "database", Reason: "Runs, events and schedules in the database", Port: database.Port,
		Group: s.database.SecurityGroupID, Both: true,
	}}
	return slices.Concat(peers, s.outward())
}

// destinations are where the code connects to, which all these workloads load.
func (s *stack) destinations() (peers []workload.Peer) {
	for _, each := range s.settings.Code.Destinations {
		to, port := rules.SplitDestination(each)
		peer := workload.Peer{Name: each, Reason: "A destination of the code", Port: port}
		if rules.IsSecurityGroup(to) {
			peer.Group = pulumi.String(to)
		} else {
			peer.Cidr = to
		}
		peers = append(peers, peer)
	}
	return peers
}

// outward is where every task connects to, to be started at all: AWS, and the internet only where the network has a way
// there, which lets them out to all of AWS.
func (s *stack) outward() (peers []workload.Peer) {
	if s.network.HasEndpoints {
		peers = append(peers, workload.Peer{
			Name: "endpoints", Reason: "AWS APIs through interface endpoints", Port: httpsPort,
			Group: s.network.EndpointSecurityGroupID,
		})
	}
	if s.network.HasNat {
		return append(peers, workload.Peer{
			Name: "internet", Port: httpsPort, Cidr: "0.0.0.0/0",
			Reason: "AWS APIs without an endpoint (S3, ECR, ECS, logs) and application services: addresses are not fixed",
		})
	}
	return append(peers, workload.Peer{
		Name: "s3", Reason: "S3 through its gateway endpoint", Port: httpsPort, PrefixList: s.network.S3PrefixListID,
	})
}
