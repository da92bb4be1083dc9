package config

import "dagster-ecs/internal/rules"

//go:generate go run ./settingsdoc

// Settings is everything that a stack's file says, with the profile's defaults filled in.
// The comments of the fields are the text of docs/settings.md, without the field's name and `is`.
type Settings struct {
	// Stack is the name of the Pulumi stack. It stands in parameter paths, in the bucket's name and in the name of the
	// Dagster configuration file. Not a setting.
	Stack string `setting:"-"`

	// Region is the AWS region that everything is deployed to. Required. A stack cannot move to another region; a second
	// stack can be built there.
	Region string `setting:"aws:region"`

	// Account is the AWS account that this stack may touch: 12 digits, quoted in YAML. Required. Credentials of another
	// account are refused before any change.
	Account string `setting:"account"`

	// Profile is the set of defaults for everything that is not set: dev is cheap and deletable, prod is redundant and
	// protected. Required, so that no stack is production by accident.
	Profile Profile `setting:"profile"`

	// Prefix is the beginning of the name of every resource, log group and parameter: 2 to 20 lower-case letters, digits
	// and single hyphens, a letter first. Changing it replaces nearly everything.
	Prefix string `setting:"prefix"`

	// Image is the container image of the webserver, the daemon and the runs, with a tag or a digest. Required. The tag
	// latest is refused: a task started tomorrow would run other code than today's. Without a NAT gateway it must be in
	// ECR, in the stack's own region.
	Image string `setting:"image"`

	// ReplicaRegion is the second region, which the bucket and the database's backups are copied to. Empty: no copies. It
	// must be another region of the same partition.
	ReplicaRegion string `setting:"replicaRegion"`

	// Protect makes Pulumi refuse to delete what holds data: the database, the bucket and the keys. Required. With it
	// database.finalSnapshot must be true and bucket.forceDestroy false. database.deletionProtection does the same on
	// AWS's side for the database.
	Protect bool `setting:"protect"`

	// Cluster is the ECS cluster that all tasks run in.
	Cluster Cluster `setting:"cluster"`

	// Code says where Dagster finds the definitions inside the image.
	Code Code `setting:"code"`

	// Network is the VPC: a new one, or the ids of an existing one.
	Network Network `setting:"network"`

	// Bucket is the S3 bucket for compute logs, assets' outputs and the Dagster configuration.
	Bucket Bucket `setting:"bucket"`

	// Database is the PostgreSQL instance that holds runs, events and schedules.
	Database Database `setting:"database"`

	// Webserver is the Dagster UI behind its load balancer.
	Webserver Webserver `setting:"webserver"`

	// Daemon is the one Dagster daemon: schedules, sensors and the run queue.
	Daemon Daemon `setting:"daemon"`

	// Runs says how runs are queued, started and sized.
	Runs Runs `setting:"runs"`

	// Logs says how long logs are kept.
	Logs Logs `setting:"logs"`

	// Environment holds variables for the webserver, the daemon and the runs in plain text, 16 KiB in all. Names that begin
	// with DAGSTER_, AWS_, ECS_ or PG are the program's. What is named or looks like a secret is refused: it belongs into
	// secrets.
	Environment map[string]string `setting:"environment"`

	// Secrets holds secret variables for the webserver, the daemon and the runs, up to 4096 bytes each, without {{. They
	// are kept as SecureString parameters, encrypted with a key of this stack. Set each with pulumi config set --secret
	// --path 'dagster:secrets.NAME'. An object in plain text is refused; a plain value beside encrypted ones cannot be
	// recognized, so never write one into the file.
	Secrets map[string]Secret `setting:"secrets"`
}

// Cluster is the ECS cluster that all tasks run in.
type Cluster struct {
	// Name is the cluster's name: up to 255 letters, digits, hyphens and underscores.
	Name string `setting:"name"`

	// Insights is the mode of Container Insights: off, metrics per service, or metrics per task, which cost more.
	Insights rules.InsightsMode `setting:"insights"`

	// Exec lets people with the permission open a shell in the tasks (aws ecs execute-command).
	Exec bool `setting:"exec"`
}

// Code says where Dagster finds the definitions inside the image.
type Code struct {
	// Module is the Python module that holds the Definitions object, such as asset_manager.definitions. Required.
	Module string `setting:"module"`
}

// Network is the VPC: a new one, or the ids of an existing one.
type Network struct {
	// Cidr is the private address range of a new VPC, /16 to /22. Each run takes one address of the private subnets.
	Cidr string `setting:"cidr"`

	// Zones is the number of availability zones of a new VPC, 2 or 3. A load balancer needs two; us-west-1 has two per
	// account.
	Zones int `setting:"zones"`

	// Nat is how the private subnets of a new VPC reach the internet: not at all, through one gateway for all zones, or
	// through one in each. With none, interface endpoints lead to AWS and nothing leads elsewhere.
	Nat rules.NatMode `setting:"nat"`

	// Endpoints are AWS services, such as ecr.api, that tasks in a new VPC reach by an interface endpoint though there is a
	// NAT gateway. Each costs by the hour and zone. With nat none, all that the program's tasks need are there without it.
	Endpoints []string `setting:"endpoints"`

	// VpcID is the id of an existing VPC. With it the ids of its subnets are required, and cidr, zones, nat and endpoints
	// must be left out.
	VpcID string `setting:"vpcId"`

	// PrivateSubnetIDs are existing subnets for the tasks, in two zones at least.
	PrivateSubnetIDs []string `setting:"privateSubnetIds"`

	// DatabaseSubnetIDs are existing subnets for the database, in two zones at least.
	DatabaseSubnetIDs []string `setting:"databaseSubnetIds"`

	// PublicSubnetIDs are existing subnets for an internet-facing load balancer, in two zones at least and none of them
	// private. Needed only with webserver.access internet-facing.
	PublicSubnetIDs []string `setting:"publicSubnetIds"`
}

// Existing tells whether an existing network is used.
func (n Network) Existing() bool { return n.VpcID != "" }

// Bucket is the S3 bucket for compute logs, assets' outputs and the Dagster configuration.
type Bucket struct {
	// Name is the bucket's name, unique in all of AWS: 3 to 55 lower-case letters, digits and hyphens. Empty: made from
	// prefix, stack, account and region. Changing it replaces the bucket.
	Name string `setting:"name"`

	// ComputeLogDays is the age in days at which compute logs are deleted. 0: never.
	ComputeLogDays int `setting:"computeLogDays"`

	// ArtifactTierDays is the age in days, 30 at least, at which assets' outputs move to infrequent access. 0: never. They
	// are not deleted by age.
	ArtifactTierDays int `setting:"artifactTierDays"`

	// OldVersionDays is the number of days for which a replaced or deleted object can be restored.
	OldVersionDays int `setting:"oldVersionDays"`

	// Replicate copies every object to replicaRegion, under a key of that region.
	Replicate bool `setting:"replicate"`

	// Accelerate lets clients far away transfer through AWS's edge locations, when they ask for the bucket's accelerated
	// endpoint. Each transfer costs.
	Accelerate bool `setting:"accelerate"`

	// ForceDestroy lets the bucket be deleted with everything in it. Refused together with protect.
	ForceDestroy bool `setting:"forceDestroy"`
}

// Database is the PostgreSQL instance that holds runs, events and schedules.
type Database struct {
	// EngineVersion is the major version of PostgreSQL, quoted in YAML. AWS installs minor versions in the maintenance
	// window.
	EngineVersion rules.PostgresVersion `setting:"engineVersion"`

	// InstanceClass is the size of the instance, such as db.t4g.small. Its memory limits the connections, and they limit
	// webserver.maxInstances and runs.maxConcurrent.
	InstanceClass string `setting:"instanceClass"`

	// StorageGiB is the size of the disk at creation, 20 GiB at least. It never shrinks.
	StorageGiB int `setting:"storageGiB"`

	// MaxStorageGiB is the size in GiB up to which the disk grows by itself, a tenth above storageGiB at least. 0: it does
	// not grow.
	MaxStorageGiB int `setting:"maxStorageGiB"`

	// MultiAz keeps a standby in a second zone, which takes over within a minute or two. It doubles the cost.
	MultiAz bool `setting:"multiAz"`

	// BackupDays is the number of days, 1 to 35, of which any second can be restored.
	BackupDays int `setting:"backupDays"`

	// ReplicateBackups copies the backups to replicaRegion.
	ReplicateBackups bool `setting:"replicateBackups"`

	// DeletionProtection makes AWS refuse to delete the instance.
	DeletionProtection bool `setting:"deletionProtection"`

	// FinalSnapshot takes a snapshot before the instance is deleted.
	FinalSnapshot bool `setting:"finalSnapshot"`

	// Name is the name of the database inside the instance, given as DAGSTER_PG_DB: up to 63 lower-case letters, digits and
	// underscores, a letter first, no reserved word of PostgreSQL. Changing it replaces the instance.
	Name string `setting:"name"`

	// Rotation is the number of password rotations, from 1. Adding one gives the idle one of the two users a new password
	// and makes it the active one. Runs that have started keep their password until the next rotation.
	Rotation int `setting:"rotation"`

	// Connection is where pulumi up itself reaches the database, such as the near end of a tunnel. Not set: the instance's
	// own address.
	Connection Connection `setting:"connection"`
}

// Connection is where pulumi up itself reaches the database.
type Connection struct {
	// Host is a host name or an address. Empty: the instance's own.
	Host string `setting:"host"`

	// Port is a TCP port. 0: the instance's own.
	Port int `setting:"port"`
}

// Webserver is the Dagster UI behind its load balancer.
type Webserver struct {
	// CPU is each instance's CPU in Fargate's units, 1024 to a vCPU.
	CPU int `setting:"cpu"`

	// Memory is each instance's memory in MiB. Fargate has certain sizes for each cpu.
	Memory int `setting:"memory"`

	// MinInstances is the smallest number of instances, 1 to 10.
	MinInstances int `setting:"minInstances"`

	// MaxInstances is the largest number of instances, minInstances to 10. Each may open 63 database connections.
	MaxInstances int `setting:"maxInstances"`

	// Access is who can reach the UI: people inside the network, or also those on the internet who are on the allow-list.
	// Dagster has no login, so internet-facing needs allowedCidrs and certificateArn.
	Access rules.AccessMode `setting:"access"`

	// AllowedCidrs are the IPv4 ranges that the load balancer answers, each once. With internet-facing none may be wider
	// than /8. Empty, with internal: the VPC's own range.
	AllowedCidrs []string `setting:"allowedCidrs"`

	// CertificateArn is the ARN of the ACM certificate for HTTPS, of the stack's region and account. Empty: plain HTTP,
	// which profile prod refuses.
	CertificateArn string `setting:"certificateArn"`

	// IdleTimeoutSeconds is the time after which the load balancer cuts a silent connection, 61 to 4000 seconds. The UI's
	// websockets are silent for up to 60.
	IdleTimeoutSeconds int `setting:"idleTimeoutSeconds"`
}

// Daemon is the one Dagster daemon. There is never a second one: two would start every run twice.
type Daemon struct {
	// CPU is the daemon's CPU in Fargate's units, 1024 to a vCPU.
	CPU int `setting:"cpu"`

	// Memory is the daemon's memory in MiB. Fargate has certain sizes for each cpu.
	Memory int `setting:"memory"`
}

// Runs says how runs are queued, started and sized.
type Runs struct {
	// CPU is a run's CPU in Fargate's units, 1024 to a vCPU. A job can ask for another by the tag ecs/cpu.
	CPU int `setting:"cpu"`

	// Memory is a run's memory in MiB. A job can ask for another by the tag ecs/memory.
	Memory int `setting:"memory"`

	// MaxConcurrent is the largest number of runs in progress, 1 to 1000. Further ones wait in the queue. The private
	// subnets' addresses and the database's connections must suffice for them.
	MaxConcurrent int `setting:"maxConcurrent"`

	// TagLimits are smaller limits for runs with certain tags.
	TagLimits []TagLimit `setting:"tagLimits"`

	// OnDemandWeight is the share of the runs on on-demand capacity beside spotWeight, 0 to 1000. 0: none.
	OnDemandWeight int `setting:"onDemandWeight"`

	// SpotWeight is the share of the runs on Spot capacity beside onDemandWeight, 0 to 1000. 0: none. Spot costs about two
	// thirds less, and AWS may stop it at two minutes' notice. One of the two weights must be above 0.
	SpotWeight int `setting:"spotWeight"`

	// StartTimeoutSeconds is the time that a run may take to start before it counts as failed, 180 to 3600 seconds. Fargate
	// pulls the image in this time.
	StartTimeoutSeconds int `setting:"startTimeoutSeconds"`

	// MaxRuntimeSeconds is the time in seconds after which a run is ended. A job can ask for another by the tag
	// dagster/max_runtime. 0: no limit.
	MaxRuntimeSeconds int `setting:"maxRuntimeSeconds"`

	// MaxRetries is how often a run whose container was lost is started again, 0 to 10. A run whose own code failed is not.
	MaxRetries int `setting:"maxRetries"`
}

// TagLimit limits the runs that carry a tag.
type TagLimit struct {
	// Key is the tag's name. Required.
	Key string `setting:"key" required:"true"`

	// Value is the tag's value that counts. Empty: any value.
	Value string `setting:"value"`

	// PerValue makes the limit hold for each value of the tag separately. Without it all values count together. Refused
	// together with value.
	PerValue bool `setting:"perValue"`

	// Limit is the largest number of such runs in progress, 0 to maxConcurrent. Required.
	Limit int `setting:"limit" required:"true"`
}

// Logs says how long logs are kept.
type Logs struct {
	// RetentionDays is the number of days for which CloudWatch keeps the logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
	// 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653.
	RetentionDays int `setting:"retentionDays"`

	// TickDays is the number of days, 1 to 3650, for which Dagster keeps the ticks of schedules and sensors. Runs and their
	// events are kept for ever.
	TickDays int `setting:"tickDays"`
}
