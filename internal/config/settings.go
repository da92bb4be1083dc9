package config

//go:generate go run ./settingsdoc

// Settings is everything that a stack's file says, with the profile's defaults filled in.
// The comments of the fields are the text of docs/settings.md, without the field's name and `is`.
type Settings struct {
	// Stack is the name of the Pulumi stack. It stands in parameter paths, in the bucket's name and in the name of the
	// Dagster configuration file. Not a setting.
	Stack string `setting:"-"`

	// Region is the AWS region that everything is deployed to, one that the AWS provider knows. Required. A second stack can be
	// built in another.
	Region string `setting:"aws:region"`

	// Account is the AWS account that this stack may touch: 12 digits, quoted in YAML. Required. Credentials of another
	// account are refused before any change.
	Account string `setting:"account"`

	// Profile is the set of defaults for everything that is not set: dev is cheap and deletable, prod is redundant and
	// protected. Required, so that no stack is production by accident.
	Profile Profile `setting:"profile"`

	// Prefix is the beginning of the name of every resource, log group and parameter: 2 to 20 lower-case letters, digits
	// and single hyphens, a letter first.
	Prefix string `setting:"prefix"`

	// StackInNames puts the stack behind the prefix in the names of services, task definitions and log groups, as in every
	// other name. Without it they are the guide's, such as asset-manager-web and asset-manager/web: for one such stack per
	// account and region. dagster:cluster.name is separate.
	StackInNames bool `setting:"stackInNames"`

	// Image is the container image of the webserver, the daemon and the runs, with a tag or a digest. Required. The tag
	// latest is refused: a task started tomorrow would run other code than today's. Without a NAT gateway it must be in
	// ECR, in the stack's own region.
	Image string `setting:"image"`

	// ReplicaRegion is the second region, which the bucket and the database's backups are copied to where bucket.replicate and
	// database.replicateBackups say so. Empty: no copies. It must be another region of the same partition.
	ReplicaRegion string `setting:"replicaRegion"`

	// Protect makes Pulumi refuse to delete what holds data: the database, the bucket and the keys. Required. With it
	// database.finalSnapshot must be true and bucket.forceDestroy false. database.deletionProtection does the same on
	// AWS's side for the database.
	Protect bool `setting:"protect" required:"true"`

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

	// Retention says how long runs are kept.
	Retention Retention `setting:"retention"`

	// Monitoring is what is measured, and from where on something is wrong.
	Monitoring Monitoring `setting:"monitoring"`

	// Alerts is who is told.
	Alerts Alerts `setting:"alerts"`

	// Pagers are https:// endpoints that wake somebody up, such as PagerDuty's integration URL for CloudWatch, by names of
	// your own. They hear of the alarm that Dagster is down and of nothing else, and must confirm by themselves. Whoever
	// knows one can raise incidents: set each with pulumi config set --secret --path 'dagster:pagers.NAME'.
	Pagers map[string]Secret `setting:"pagers"`

	// Hours are when the stack is up; by default always.
	Hours Hours `setting:"hours"`

	// Audit is who did what in the account.
	Audit Audit `setting:"audit"`

	// Quotas are what AWS allows the account in the region.
	Quotas Quotas `setting:"quotas"`

	// IAM says what bounds the roles of the stack.
	IAM IAM `setting:"iam"`

	// Environment holds variables for the webserver, the daemon and the runs in plain text, about 16 KiB in all: a task
	// definition has 64 KB, in which they stand once for each container. Names that begin with DAGSTER_, AWS_, ECS_ or PG are
	// the program's. What is named or looks like a secret is refused: it belongs into secrets. Numbers, dates, yes and no
	// stand in quotes.
	Environment map[string]string `setting:"environment"`

	// Secrets holds secret variables for the webserver, the daemon and the runs, up to 4096 bytes each, without {{, about 50
	// in all: the policy by which ECS reads them has a bound. They are kept as SecureString parameters of the standard tier,
	// encrypted with a key of this stack. Set each with pulumi config set --secret --path 'dagster:secrets.NAME'. Plain text
	// is refused, beside encrypted ones as well, where the stack's file lies beside the project's.
	Secrets map[string]Secret `setting:"secrets"`
}

// Defaults are the settings that a stack starts from: the cheap ones, and for production those of the guide.
func Defaults(profile Profile) Settings {
	return Settings{
		Profile:      profile,
		Prefix:       "asset-manager",
		StackInNames: true,
		Protect:      profile == ProfileProd,
		Cluster:      defaultCluster(profile),
		Network:      defaultNetwork(profile),
		Bucket:       defaultBucket(profile),
		Database:     defaultDatabase(profile),
		Webserver:    defaultWebserver(profile),
		Daemon:       defaultDaemon(),
		Runs:         defaultRuns(profile),
		Logs:         defaultLogs(profile),
		Retention:    defaultRetention(profile),
		Monitoring:   defaultMonitoring(profile),
		Hours:        defaultHours(),
		Audit:        defaultAudit(profile),
		Quotas:       defaultQuotas(),
	}
}
