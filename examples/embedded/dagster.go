package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/cluster"
	"dagster-ecs/components/component"
	"dagster-ecs/components/configuration"
	"dagster-ecs/components/daemon"
	"dagster-ecs/components/gateway"
	"dagster-ecs/components/logs"
	"dagster-ecs/components/migration"
	"dagster-ecs/components/naming"
	"dagster-ecs/components/runlauncher"
	"dagster-ecs/components/secrets"
	"dagster-ecs/components/service"
	"dagster-ecs/components/storage/bucket"
	"dagster-ecs/components/webserver"
	"dagster-ecs/components/workload"
)

const (
	runsLog = "runs"
	// maxConcurrent is how many runs there are at a time: each opens connections of the database.
	maxConcurrent = 5
)

// prefixes are where things lie in the bucket.
var prefixes = bucket.Prefixes{
	ComputeLogs: "dagster/compute-logs", Artifacts: "dagster/io", Config: "dagster/config", Monitor: "dagster/monitor",
}

// dagster is what is given, and what the steps hand on to each other.
type dagster struct {
	ctx           *pulumi.Context
	names         naming.Names
	place         component.Location
	network       network
	database      database
	cluster       cluster.Ref
	image, module string

	logs          *logs.Logs
	bucket        *bucket.Bucket
	secrets       *secrets.Secrets
	platform      workload.Platform
	gateway       *gateway.Gateway
	launcher      *runlauncher.RunLauncher
	configuration *configuration.Configuration
	migration     *migration.Migration
	daemon        *daemon.Daemon
	webserver     *webserver.Webserver
}

// build takes the components in the order in which they need each other.
func (d *dagster) build() error {
	for _, step := range []func() error{
		d.buildLogs, d.buildBucket, d.keepSecrets, d.preparePlatform, d.buildGateway, d.buildLauncher, d.buildConfiguration,
		d.buildMigration, d.buildDaemon, d.buildWebserver,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	d.export()
	return nil
}

func (d *dagster) buildLogs() (err error) {
	d.logs, err = logs.New(d.ctx, "logs", &logs.Args{
		Names: d.names, Location: d.place, Kinds: []string{webserver.Kind, daemon.Kind, runsLog}, RetentionDays: 30,
	})
	return err
}

func (d *dagster) buildBucket() (err error) {
	d.bucket, err = bucket.New(d.ctx, "bucket", &bucket.Args{
		Location: d.place, Name: d.names.Base() + "-" + d.place.Account + "-" + d.place.Region, NamePrefix: d.names.Base(), ForceDestroy: true,
	})
	return err
}

func (d *dagster) keepSecrets() (err error) {
	d.secrets, err = secrets.New(d.ctx, "secrets", &secrets.Args{
		Location: d.place, NamePrefix: d.names.Base(), Path: d.names.ParameterPath(),
		Parameters: []secrets.Parameter{
			{Name: configuration.DatabaseUserVariable, Value: pulumi.String(d.database.user)},
			{Name: configuration.DatabasePasswordVariable, Value: d.database.password},
		},
	})
	return err
}

// preparePlatform gathers what all the tasks have in common, and has the program wait for what becomes of them.
func (d *dagster) preparePlatform() error {
	rollouts, err := workload.FollowRollouts(d.ctx.Context(), d.place.Region)
	if err != nil {
		return err
	}
	d.platform = workload.Platform{
		Names: d.names, Location: d.place, Cluster: d.cluster, VpcID: d.network.vpcID, Subnets: d.network.private,
		ParameterKeyArn: d.secrets.KeyArn, Rollouts: rollouts,
		Environment: configuration.Environment(configuration.Surroundings{
			Region: d.place.Region, Bucket: d.bucket.Name,
			DatabaseHost: d.database.host, DatabasePort: d.database.port, DatabaseName: d.database.name,
		}),
	}
	return nil
}

// spec is what a workload is given.
func (d *dagster) spec(kind string) workload.Spec {
	return workload.Spec{
		Platform: d.platform, Image: d.image, CPU: 512, Memory: 1024, Log: d.logs.Groups[kind], Secrets: d.secrets.List(""),
		Reach: []workload.Peer{
			{Name: "database", Reason: "Runs, events and schedules", Port: d.database.port, Group: d.database.group, Both: true},
			{Name: "aws", Reason: "AWS APIs", Port: 443, Cidr: "0.0.0.0/0"},
		},
	}
}

// buildGateway makes the way in for people.
func (d *dagster) buildGateway() (err error) {
	spec := d.spec(daemon.Kind)
	spec.Secrets, spec.Reach = nil, spec.Reach[1:]
	d.gateway, err = gateway.New(d.ctx, "gateway", &gateway.Args{Spec: spec})
	return err
}

func (d *dagster) buildLauncher() (err error) {
	d.launcher, err = runlauncher.New(d.ctx, "runs", &runlauncher.Args{Spec: d.spec(runsLog), Bucket: d.bucket.Granted(prefixes)})
	return err
}

func (d *dagster) buildConfiguration() (err error) {
	d.configuration, err = configuration.New(d.ctx, "configuration", &configuration.Args{
		Bucket: d.bucket.Name,
		Prefix: prefixes.Config,
		Instance: configuration.Instance{
			Name:                "dagster-" + d.ctx.Stack() + ".yaml",
			ComputeLogPrefix:    prefixes.ComputeLogs,
			Queue:               configuration.Queue{MaxConcurrent: maxConcurrent},
			StartTimeoutSeconds: 300,
			MaxRetries:          1,
			TickDays:            7,
			Launcher: configuration.Launcher{
				Container: d.names.Workload(runlauncher.Kind), Cluster: d.cluster.Name, CPU: 512, Memory: 1024,
				Capacity: []configuration.Capacity{{Provider: cluster.Fargate, Weight: 1}},
			},
		},
		Launch: configuration.Launch{
			TaskDefinitionArn: d.launcher.TaskDefinitionArn, SubnetIDs: d.network.private, SecurityGroupID: d.launcher.SecurityGroupID,
		},
		Workspace: configuration.Workspace{Module: d.module},
	})
	return err
}

// buildMigration makes the tables, and migrates them when the image brings a later Dagster: the backups of the database lead back.
func (d *dagster) buildMigration() (err error) {
	d.migration, err = migration.New(d.ctx, "migration", &migration.Args{Spec: d.spec(daemon.Kind), Module: d.module})
	return err
}

func (d *dagster) buildDaemon() (err error) {
	d.daemon, err = daemon.New(d.ctx, "daemon", &daemon.Args{
		Spec: d.spec(daemon.Kind), Files: d.configuration.Files, Bucket: d.bucket.Granted(prefixes), Runs: []runlauncher.Runs{d.launcher.Runs},
		Before: service.Before{Ready: d.migration.Needed, Hooks: []*pulumi.ResourceHook{d.migration.Gate}},
	})
	return err
}

func (d *dagster) buildWebserver() (err error) {
	d.webserver, err = webserver.New(d.ctx, "webserver", &webserver.Args{
		Spec: d.spec(webserver.Kind), Files: d.configuration.Files, Bucket: d.bucket.Granted(prefixes), Runs: []runlauncher.Runs{d.launcher.Runs},
		Scaling: webserver.Scaling{Min: 1, Max: 1},
		Front: webserver.Front{
			Access: webserver.AccessInternal, Subnets: d.network.private, Gateway: d.gateway.SecurityGroupID, IdleSeconds: 300,
			AccessLogs: d.bucket.LogsName,
		},
		Before: d.daemon.Deployed,
	})
	return err
}

// export gives what `go run ./tunnel` needs to lead people in.
func (d *dagster) export() {
	values := pulumi.Map{
		"url":                      d.webserver.URL,
		"loadBalancerDnsName":      d.webserver.DNSName,
		"clusterName":              pulumi.String(d.cluster.Name),
		"privateSubnetIds":         d.network.private,
		"databaseEndpoint":         pulumi.Sprintf("%s:%d", d.database.host, d.database.port),
		"databaseName":             pulumi.String(d.database.name),
		"databaseLocalPort":        pulumi.Int(15432),
		"gatewayTaskDefinitionArn": d.gateway.TaskDefinitionArn,
		"gatewaySecurityGroupId":   d.gateway.SecurityGroupID,
		"parameterPath":            pulumi.String(d.secrets.Path),
	}
	for name, value := range values {
		d.ctx.Export(name, value)
	}
}
