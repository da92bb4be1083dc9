package stacks

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/daemon"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/service"
	"dagster-ecs/components/storage/database"
	"dagster-ecs/components/webserver"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/grants"
)

const httpsPort = 443

// preparePlatform gathers what webserver, daemon and runs have in common, the environment of the guide among it.
func (s *stack) preparePlatform() error {
	environment := map[string]pulumi.StringInput{
		"DAGSTER_HOME":       pulumi.String(service.Home),
		"AWS_REGION":         pulumi.String(s.settings.Region),
		"AWS_DEFAULT_REGION": pulumi.String(s.settings.Region), // boto3 reads this one only
		"PGSSLMODE":          pulumi.String("require"),
		"DAGSTER_PG_HOST":    s.database.Address,
		"DAGSTER_PG_PORT":    pulumi.String(strconv.Itoa(database.Port)),
		"DAGSTER_PG_DB":      pulumi.String(s.database.DatabaseName),
		"DAGSTER_S3_BUCKET":  s.bucket.Name,
	}
	for name, value := range s.settings.Environment {
		environment[name] = pulumi.String(value)
	}
	s.platform = service.Platform{
		Names:           s.names,
		Location:        s.location,
		Image:           s.settings.Image,
		ClusterArn:      s.cluster.Arn,
		VpcID:           s.network.VpcID,
		Subnets:         s.network.PrivateSubnetIDs,
		Environment:     environment,
		ParameterKeyArn: s.secrets.KeyArn,
		Exec:            s.settings.Cluster.Exec,
	}
	return nil
}

func (s *stack) buildLauncher() (err error) {
	wanted := s.settings.Runs
	s.launcher, err = runlauncher.New(s.ctx, "dagster", &runlauncher.Args{
		Workload: s.workload(runsLog, wanted.Cpu, wanted.Memory),
		Store:    s.store(),
	}, s.withAws())
	return err
}

func (s *stack) buildWebserver() (err error) {
	wanted := s.settings.Webserver
	front := webserver.Front{
		Subnets:        s.network.PrivateSubnetIDs,
		AllowedCidrs:   wanted.AllowedCidrs,
		CertificateArn: wanted.CertificateArn,
		IdleSeconds:    wanted.IdleTimeoutSeconds,
		Protect:        s.settings.Protect,
	}
	if wanted.Access == config.AccessInternetFacing {
		front.Internet, front.Subnets = true, s.network.PublicSubnetIDs
	} else if len(front.AllowedCidrs) == 0 {
		front.AllowedCidrs = []string{s.network.CidrBlock}
	}
	s.webserver, err = webserver.New(s.ctx, "dagster", &webserver.Args{
		Workload:      s.workload(webserver.Kind, wanted.Cpu, wanted.Memory),
		Scaling:       webserver.Scaling{Cluster: s.cluster.Name, Min: wanted.MinInstances, Max: wanted.MaxInstances},
		Front:         front,
		Configuration: s.configs,
		Store:         s.store(),
		Runs:          s.runs(),
	}, s.withAws())
	return err
}

func (s *stack) buildDaemon() (err error) {
	s.daemon, err = daemon.New(s.ctx, "dagster", &daemon.Args{
		Workload:      s.workload(daemon.Kind, s.settings.Daemon.Cpu, s.settings.Daemon.Memory),
		Configuration: s.configs,
		Store:         s.store(),
		Runs:          s.runs(),
		Migration:     daemon.Migration{Secrets: s.secrets.List(migrationGroup), OwnerRole: database.Owner},
	}, s.withAws())
	return err
}

// workload is what every workload is given; log is the kind of its log group.
func (s *stack) workload(log string, cpu, memory int) service.Workload {
	group := s.logs.LogGroups[log]
	return service.Workload{
		Platform: s.platform,
		Cpu:      cpu,
		Memory:   memory,
		Log:      service.Log{Name: group.Name, Arn: group.Arn},
		Secrets:  s.secrets.List(""),
		Reach:    s.reach(),
	}
}

func (s *stack) runs() grants.Runs {
	return grants.Runs{
		Location:    s.location,
		Cluster:     s.cluster.Name,
		Family:      s.launcher.Family,
		RoleArns:    s.launcher.RoleArns,
		LogGroupArn: s.logs.LogGroups[runsLog].Arn,
	}
}

// reach is where every workload connects to: named ends, and the internet only where the network has a way there.
func (s *stack) reach() []service.Peer {
	peers := []service.Peer{
		{
			Name: "database", Reason: "Runs, events and schedules in the database", Port: database.Port,
			Group: s.database.SecurityGroupID, Both: true,
		},
		{Name: "s3", Reason: "S3 through its gateway endpoint", Port: httpsPort, PrefixList: s.network.S3PrefixListID},
	}
	if s.network.HasEndpoints {
		peers = append(peers, service.Peer{
			Name: "endpoints", Reason: "AWS APIs through interface endpoints", Port: httpsPort,
			Group: s.network.EndpointSecurityGroupID,
		})
	}
	if s.network.HasNat {
		peers = append(peers, service.Peer{
			Name: "internet", Port: httpsPort, Cidr: "0.0.0.0/0",
			Reason: "AWS APIs without an endpoint (ECR, ECS, logs, STS) and application services: addresses are not fixed",
		})
	}
	return peers
}
