package stacks

import (
	"fmt"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/alarms"
	"dagster-ecs/components/alerts"
	"dagster-ecs/components/audit"
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/monitor"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/service"
	"dagster-ecs/components/webserver"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/rules"
)

const (
	// functions is where the sources of functions lie beside the project file.
	functions = "functions"
	// archives is where functions' archives lie in the bucket.
	archives = "dagster/functions"
)

// buildAlerts makes the topic, and has it told what AWS does.
func (s *stack) buildAlerts() (err error) {
	if !s.settings.Monitoring.Enabled {
		return nil
	}
	wanted := s.settings.Alerts
	pagers := map[string]string{}
	for name, endpoint := range s.settings.Pagers {
		pagers[name] = endpoint.Reveal()
	}
	families := []string{s.names.Workload(webserver.Kind), s.names.Workload(daemon.Kind), s.names.Workload(runlauncher.Kind)}
	if s.maintenance != nil {
		families = append(families, s.maintenance.Family)
	}
	args := &alerts.Args{
		Names:       s.names,
		Location:    s.location,
		Emails:      wanted.Emails,
		Pagers:      pagers,
		PagingAlarm: alarms.PagingName(s.names),
		Tasks: alerts.Tasks{
			Cluster:  s.cluster.Ref,
			Families: families,
			Services: []string{s.names.Workload(webserver.Kind), s.names.Workload(daemon.Kind)},
		},
		Database: alerts.Database{ID: s.database.InstanceID, ParameterGroup: s.database.ParameterGroup},
		Keep:     s.keep(),
	}
	if wanted.SlackTeam != "" {
		args.Slack = &alerts.Slack{Team: wanted.SlackTeam, Channel: wanted.SlackChannel}
	}
	s.alerts, err = alerts.New(s.ctx, "alerts", args, s.withAws())
	return err
}

// watchDeployments makes the alarms that ECS may look at during a deployment, which are there before it.
func (s *stack) watchDeployments() (err error) {
	if !s.settings.Monitoring.Enabled {
		return nil
	}
	s.watching, err = alarms.NewDeployment(s.ctx, "deployment-alarms", &alarms.DeploymentArgs{
		Names: s.names, Location: s.location,
	}, s.withAws())
	return err
}

// deploymentAlarms are those at which ECS looks, or is told not to: it keeps what it is not told of. Where it may not know of
// them at all it is told only what a person asks for.
func (s *stack) deploymentAlarms() *service.Alarms {
	on := s.watching != nil && s.settings.Monitoring.Rollback
	if !on && !rules.HasDeploymentAlarms(s.settings.Region) {
		return nil
	}
	told := &service.Alarms{Names: pulumi.StringArray{}, Enabled: on}
	if s.watching != nil {
		told.Names = s.watching.Names
	}
	return told
}

// buildMonitor makes the function that looks at Dagster. It asks the load balancer as people do.
func (s *stack) buildMonitor() error {
	if !s.settings.Monitoring.Enabled {
		return nil
	}
	front := s.settings.Webserver
	scheme := "http"
	if front.CertificateArn != "" {
		scheme = "https"
	}
	_, err := monitor.New(s.ctx, "monitor", &monitor.Args{
		Names:     s.names,
		Location:  s.location,
		Source:    s.function(monitor.Kind),
		Network:   monitor.Network{VpcID: s.network.VpcID, Subnets: s.network.PrivateSubnetIDs, Reach: s.monitorReach()},
		Webserver: monitor.Webserver{URL: pulumi.Sprintf("%s://%s", scheme, s.webserver.DNSName), Hostname: front.Hostname},
		Bucket:    s.bucket.Granted(prefixes),
		Log:       s.logs.Groups[monitor.Kind],

		BackfillMinutes: s.settings.Monitoring.BackfillMinutes,
	}, s.withAws())
	return err
}

// function is what a function of this repository is made of.
func (s *stack) function(kind string) monitor.Source {
	return monitor.Source{
		Folder:       filepath.Join(s.ctx.RootDirectory(), functions, kind),
		Architecture: s.settings.Monitoring.Architecture,
		Bucket:       s.bucket.Name,
		Prefix:       archives,
	}
}

// monitorReach is where the monitor connects to: S3 and the load balancer. Where the balancer has public addresses or the
// network's ways to S3 are not known it goes out as the tasks do.
func (s *stack) monitorReach() (peers []monitor.Peer) {
	facing := s.settings.Webserver.Access == webserver.AccessInternetFacing
	if facing || s.settings.Network.Existing() {
		peers = append(peers, monitor.Peer{
			Name: "internet", Port: httpsPort, Cidr: "0.0.0.0/0",
			Reason: "S3, and the load balancer where it has public addresses: addresses are not fixed",
		})
	} else {
		peers = append(peers, monitor.Peer{
			Name: "s3", Reason: "S3 through its gateway endpoint", Port: httpsPort, PrefixList: s.network.S3PrefixListID,
		})
	}
	if !facing {
		peers = append(peers, monitor.Peer{
			Name: "webserver", Reason: "GraphQL of the webserver", Port: s.webserver.Port, Group: s.webserver.SecurityGroupID, Both: true,
		})
	}
	return peers
}

func (s *stack) buildAlarms() error {
	if !s.settings.Monitoring.Enabled {
		return nil
	}
	connections, err := capacity.MaxConnections(s.settings.Database.InstanceClass)
	if err != nil {
		return fmt.Errorf("learn how many connections the database allows: %w", err)
	}
	wanted := s.settings.Monitoring
	var trail *logs.Group
	if group, made := s.logs.Groups[audit.Kind]; made {
		trail = &group
	}
	s.alarms, err = alarms.New(s.ctx, "alarms", &alarms.Args{
		Names:    s.names,
		Location: s.location,
		TopicArn: s.alerts.TopicArn,
		Cluster:  s.cluster.Ref.Name,
		Webserver: alarms.Webserver{
			Service:  alarms.Service{Name: s.names.Workload(webserver.Kind)},
			Balancer: s.webserver.BalancerName, Targets: s.webserver.TargetsName,
			Certificate: s.settings.Webserver.CertificateArn != "",
		},
		Daemon: alarms.Service{Name: s.names.Workload(daemon.Kind)},
		Sleeps: s.settings.Hours.Enabled,
		Runs: alarms.Runs{
			Family: s.names.Workload(runlauncher.Kind), StartSeconds: s.settings.Runs.StartTimeoutSeconds, Insights: s.insights(),
		},
		Maintenance: s.maintained(),
		Database:    alarms.Database{ID: s.database.InstanceID, Connections: connections},
		Logs: alarms.Logs{
			Web: s.logs.Groups[webserver.Kind], Daemon: s.logs.Groups[daemon.Kind], Runs: s.logs.Groups[runsLog],
			Monitor: s.logs.Groups[monitor.Kind], Database: s.database.LogGroup,
			Trail: trail,
		},
		Thresholds: alarms.Thresholds{
			FailurePercent: wanted.FailurePercent, FailureRuns: wanted.FailureRuns,
			QueuedRuns: wanted.QueuedRuns, QueuedMinutes: wanted.QueuedMinutes,
			BackfillMinutes: wanted.BackfillMinutes, HeartbeatMinutes: wanted.HeartbeatMinutes, WebErrors: wanted.WebErrors,
			CPUPercent: wanted.CPUPercent, MemoryPercent: wanted.MemoryPercent, ConnectionsPercent: wanted.ConnectionsPercent,
			FreeStorageGiB: wanted.FreeStorageGiB, CertificateDays: wanted.CertificateDays,
		},
	}, s.withAws())
	return err
}

// insights tells whether Container Insights measures the runs, as far as it is known.
func (s *stack) insights() bool {
	return s.settings.Cluster.Existing == "" && s.settings.Cluster.Insights != rules.InsightsDisabled
}
