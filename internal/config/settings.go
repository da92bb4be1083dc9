package config

//go:generate go run ./settingsdoc

// Settings is everything that a stack's file says, with the profile's defaults filled in.
// The comments of the fields are the text of docs/settings.md.
type Settings struct {
	// Stack is the name of the Pulumi stack: it stands in parameter paths, in the bucket's name and in
	// the name of the Dagster configuration file. Not a setting.
	Stack string `setting:"-"`

	// Region is the AWS region that everything is deployed to.
	// Required. Part of no name, so that a stack moves to another region only by being built anew.
	Region string `setting:"aws:region"`

	// Account is the AWS account that this stack may touch, twelve digits, quoted in YAML.
	// Required. Credentials of another account are refused by the provider before any change.
	Account string `setting:"account"`

	// Profile chooses the defaults of everything that is not set: dev is cheap and deletable, prod is
	// redundant and protected. Required, so that no stack is production by accident.
	Profile Profile `setting:"profile"`

	// Prefix begins the name of every resource, log group and parameter path.
	// Lower-case letters, digits and single hyphens, 2 to 20 characters, so that every derived name
	// fits the 32 characters of a load balancer's. Changing it replaces nearly everything.
	Prefix string `setting:"prefix"`

	// Image is the container image of the webserver, the daemon and the runs, with a tag or a digest.
	// Required. The tag latest is refused: a task started tomorrow would run other code than today's.
	Image string `setting:"image"`

	// ReplicaRegion is the second region that the bucket and the database's backups are copied to.
	// Empty: no copies. Must differ from aws:region.
	ReplicaRegion string `setting:"replicaRegion"`

	// Protect makes Pulumi refuse to delete what holds data: the database, the bucket and the keys.
	// Required, said in every stack's file. Needs database.finalSnapshot and no bucket.forceDestroy.
	// On AWS's side database.deletionProtection does the same for the database.
	Protect bool `setting:"protect"`

	// Cluster is the ECS cluster that all tasks run in.
	Cluster Cluster `setting:"cluster"`

	// Code says where Dagster finds the definitions inside the image.
	Code Code `setting:"code"`

	// Network is the VPC that is built, or the existing one that is used.
	Network Network `setting:"network"`

	// Bucket holds compute logs, assets' outputs and the rendered Dagster configuration.
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

	// Environment is given to the webserver, the daemon and the runs: name to value, plain text.
	// Names that the program manages (beginning with DAGSTER_, AWS_, ECS_ or PG) and names or values
	// that look like secrets are refused.
	Environment map[string]string `setting:"environment"`

	// Secrets is given to the webserver, the daemon and the runs like environment, each kept as a
	// SecureString parameter under the program's own key, 4096 bytes at most. Set one with
	// pulumi config set --secret --path 'dagster:secrets.NAME'; plain text is refused.
	Secrets map[string]Secret `setting:"secrets"`
}

// Profile is the set of defaults that a stack starts from.
type Profile string

// The profiles.
const (
	// ProfileDev is cheap and deletable.
	ProfileDev Profile = "dev"
	// ProfileProd is redundant and protected.
	ProfileProd Profile = "prod"
)

// Secret is a text that does not print itself: %v, %s and JSON give a placeholder.
type Secret struct{ text string }

// NewSecret hides a text.
func NewSecret(text string) Secret { return Secret{text: text} }

// Reveal gives the text, to be wrapped with pulumi.ToSecret where it is used.
func (s Secret) Reveal() string { return s.text }

// String gives a placeholder.
func (Secret) String() string { return "[secret]" }

// GoString gives a placeholder for %#v.
func (Secret) GoString() string { return "[secret]" }

// MarshalText gives a placeholder.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Cluster is the ECS cluster that all tasks run in.
type Cluster struct {
	// Name is the cluster's name. At most 255 letters, digits, hyphens and underscores.
	Name string `setting:"name"`

	// Insights is Container Insights: disabled, enabled, or enhanced (per task, costs more).
	Insights Insights `setting:"insights"`

	// Exec lets people with the permission open a shell in the tasks (aws ecs execute-command).
	Exec bool `setting:"exec"`
}

// Insights is a mode of CloudWatch Container Insights.
type Insights string

// The modes of Container Insights.
const (
	// InsightsDisabled collects nothing.
	InsightsDisabled Insights = "disabled"
	// InsightsEnabled collects metrics per service.
	InsightsEnabled Insights = "enabled"
	// InsightsEnhanced collects metrics per task and container.
	InsightsEnhanced Insights = "enhanced"
)

// Code says where Dagster finds the definitions inside the image.
type Code struct {
	// Module is the Python module that holds the Definitions object, for example
	// asset_manager.definitions. Required.
	Module string `setting:"module"`
}

// Network is the VPC that is built, or the existing one that is used.
type Network struct {
	// Cidr is the address range of the VPC that is built, /16 to /22.
	// Every run takes one address of the private subnets.
	Cidr string `setting:"cidr"`

	// Zones is the number of availability zones, 2 or 3. A load balancer needs two; us-west-1 has
	// two per account.
	Zones int `setting:"zones"`

	// Nat is how private subnets reach the internet: none, single (one gateway, one zone's failure
	// cuts all off) or per-zone. With none, AWS is reached by interface endpoints and nothing else is.
	Nat Nat `setting:"nat"`

	// VpcId is an existing VPC to use instead of building one. Give all ids or none.
	VpcId string `setting:"vpcId"`

	// PrivateSubnetIds are the existing subnets for the tasks, in two zones at least.
	PrivateSubnetIds []string `setting:"privateSubnetIds"`

	// DatabaseSubnetIds are the existing subnets for the database, in two zones at least.
	DatabaseSubnetIds []string `setting:"databaseSubnetIds"`

	// PublicSubnetIds are the existing subnets for an internet-facing load balancer, in two zones at
	// least. Needed only with webserver.access internet-facing.
	PublicSubnetIds []string `setting:"publicSubnetIds"`
}

// Existing tells whether an existing network is used.
func (n Network) Existing() bool { return n.VpcId != "" }

// Nat is how private subnets reach the internet.
type Nat string

// The ways out of the private subnets.
const (
	// NatNone gives no way out; AWS is reached by endpoints.
	NatNone Nat = "none"
	// NatSingle shares one gateway.
	NatSingle Nat = "single"
	// NatPerZone has one gateway per zone.
	NatPerZone Nat = "per-zone"
)

// Bucket holds compute logs, assets' outputs and the rendered Dagster configuration.
type Bucket struct {
	// Name is the bucket's name, unique in all of AWS.
	// Empty: derived from prefix, stack, account and region.
	Name string `setting:"name"`

	// ComputeLogDays is the age in days at which compute logs are deleted. 0: never.
	ComputeLogDays int `setting:"computeLogDays"`

	// ArtifactTierDays is the age in days at which assets' outputs move to infrequent access, 30 at
	// least. 0: never. They are never deleted by age.
	ArtifactTierDays int `setting:"artifactTierDays"`

	// OldVersionDays is the number of days that a replaced or deleted object can still be restored.
	OldVersionDays int `setting:"oldVersionDays"`

	// Replicate copies every object to replicaRegion, under a key of that region.
	Replicate bool `setting:"replicate"`

	// ForceDestroy lets the bucket be deleted with everything in it. Refused together with protect.
	ForceDestroy bool `setting:"forceDestroy"`
}

// Database is the PostgreSQL instance that holds runs, events and schedules.
type Database struct {
	// EngineVersion is the major version of PostgreSQL, quoted in YAML: 16 or 17. Minor versions
	// follow by themselves in the maintenance window.
	EngineVersion string `setting:"engineVersion"`

	// InstanceClass is the size of the instance. Its memory bounds the connections, and they bound
	// webserver.maxInstances and runs.maxConcurrent.
	InstanceClass string `setting:"instanceClass"`

	// StorageGiB is the disk at creation, in GiB, 20 at least. It never shrinks.
	StorageGiB int `setting:"storageGiB"`

	// MaxStorageGiB is the size up to which the disk grows by itself, in GiB, at least a tenth above
	// storageGiB. 0: it does not grow.
	MaxStorageGiB int `setting:"maxStorageGiB"`

	// MultiAz keeps a standby in a second zone that takes over within a minute or two. Doubles the cost.
	MultiAz bool `setting:"multiAz"`

	// BackupDays is how many days back the database can be restored to any second, 1 to 35.
	BackupDays int `setting:"backupDays"`

	// ReplicateBackups copies the backups to replicaRegion.
	ReplicateBackups bool `setting:"replicateBackups"`

	// DeletionProtection makes AWS refuse to delete the instance.
	DeletionProtection bool `setting:"deletionProtection"`

	// FinalSnapshot takes a snapshot before the instance is deleted.
	FinalSnapshot bool `setting:"finalSnapshot"`

	// Name is the database inside the instance, DAGSTER_PG_DB. Changing it replaces the instance.
	Name string `setting:"name"`

	// Rotation counts password rotations, from 1. Adding one gives the idle one of the two users a
	// new password and makes it the active one; runs started before keep theirs until the next.
	Rotation int `setting:"rotation"`

	// Connection is where pulumi up itself reaches the database, for example a tunnel's end.
	// Not set: the instance's own address.
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
	// Cpu is each instance's CPU in Fargate units, 1024 to the vCPU.
	Cpu int `setting:"cpu"`

	// Memory is each instance's memory in MiB. Fargate allows only certain pairs with cpu.
	Memory int `setting:"memory"`

	// MinInstances is how many instances run at least.
	MinInstances int `setting:"minInstances"`

	// MaxInstances is how many instances run at most, up to 10. Each may open 63 database connections.
	MaxInstances int `setting:"maxInstances"`

	// Access is who can reach the UI: internal (from inside the network) or internet-facing.
	// Dagster has no login of its own, so internet-facing needs allowedCidrs and a certificate.
	Access Access `setting:"access"`

	// AllowedCidrs are the address ranges that the load balancer answers. Empty, with internal
	// access: the VPC's own range.
	AllowedCidrs []string `setting:"allowedCidrs"`

	// CertificateArn is the ACM certificate for HTTPS, of the same region and account.
	// Empty: plain HTTP, refused with profile prod.
	CertificateArn string `setting:"certificateArn"`

	// IdleTimeoutSeconds is how long the load balancer keeps a silent connection, 61 to 4000: above
	// the 60 seconds after which the UI's websockets would be cut.
	IdleTimeoutSeconds int `setting:"idleTimeoutSeconds"`
}

// Access is who can reach the UI.
type Access string

// The ways to reach the UI.
const (
	// AccessInternal is from inside the network only.
	AccessInternal Access = "internal"
	// AccessInternetFacing is from the internet, limited to an allow-list.
	AccessInternetFacing Access = "internet-facing"
)

// Daemon is the one Dagster daemon. There is never a second one: two would start every run twice.
type Daemon struct {
	// Cpu is the daemon's CPU in Fargate units, 1024 to the vCPU.
	Cpu int `setting:"cpu"`

	// Memory is the daemon's memory in MiB. Fargate allows only certain pairs with cpu.
	Memory int `setting:"memory"`
}

// Runs says how runs are queued, started and sized.
type Runs struct {
	// Cpu is a run's CPU in Fargate units, unless its job says another by the tag ecs/cpu.
	Cpu int `setting:"cpu"`

	// Memory is a run's memory in MiB, unless its job says another by the tag ecs/memory.
	Memory int `setting:"memory"`

	// MaxConcurrent is how many runs are in progress at most; further ones wait in the queue.
	// Checked against the private subnets' addresses and the database's connections.
	MaxConcurrent int `setting:"maxConcurrent"`

	// TagLimits bound runs with a certain tag further.
	TagLimits []TagLimit `setting:"tagLimits"`

	// OnDemandWeight is the share of the runs on on-demand capacity, beside spotWeight. 0: none.
	OnDemandWeight int `setting:"onDemandWeight"`

	// SpotWeight is the share of the runs on Spot capacity, beside onDemandWeight: about two thirds
	// cheaper, stopped by AWS at two minutes' notice. 0: none; one of the two must be above 0.
	SpotWeight int `setting:"spotWeight"`

	// StartTimeoutSeconds is how long a run may take to start before it counts as failed, 180 to
	// 3600. Fargate pulls the image first.
	StartTimeoutSeconds int `setting:"startTimeoutSeconds"`

	// MaxRuntimeSeconds ends a run that takes longer, unless its job says another time by the tag
	// dagster/max_runtime. 0: no limit.
	MaxRuntimeSeconds int `setting:"maxRuntimeSeconds"`

	// MaxRetries is how often a run whose container was lost is started again, 0 to 10. A run whose
	// own code failed is not.
	MaxRetries int `setting:"maxRetries"`
}

// TagLimit bounds the runs that carry a tag.
type TagLimit struct {
	// Key is the tag's name.
	Key string `setting:"key"`

	// Value is the tag's value that counts. Empty: any value, all counted together, or each on its
	// own with perValue.
	Value string `setting:"value"`

	// PerValue makes the limit hold for each value of the tag on its own.
	PerValue bool `setting:"perValue"`

	// Limit is how many such runs are in progress at most.
	Limit int `setting:"limit"`
}

// Logs says how long logs are kept.
type Logs struct {
	// RetentionDays is how long CloudWatch keeps the logs, in days, one of the values it offers.
	RetentionDays int `setting:"retentionDays"`

	// TickDays is how long Dagster keeps the ticks of schedules and sensors, in days. Runs and their
	// events are kept for ever.
	TickDays int `setting:"tickDays"`
}
