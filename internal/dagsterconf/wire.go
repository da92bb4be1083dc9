package dagsterconf

// instanceFile is dagster.yaml as Dagster 1.13 reads it (dagster._core.instance.config).
type instanceFile struct {
	Storage        storageFile             `yaml:"storage"`
	ComputeLogs    class[computeLogConfig] `yaml:"compute_logs"`
	RunCoordinator class[queueConfig]      `yaml:"run_coordinator"`
	RunLauncher    class[launcherConfig]   `yaml:"run_launcher"`
	RunMonitoring  monitoring              `yaml:"run_monitoring"`
	RunRetries     retries                 `yaml:"run_retries"`
	Retention      retention               `yaml:"retention"`
	Schedules      threads                 `yaml:"schedules"`
	Sensors        threads                 `yaml:"sensors"`
	CodeServers    codeServers             `yaml:"code_servers"`
	Telemetry      toggle                  `yaml:"telemetry"`
	Nux            toggle                  `yaml:"nux"`
}

// keptFile is a dagster.yaml for what only works on what is kept.
type keptFile struct {
	Storage     storageFile             `yaml:"storage"`
	ComputeLogs class[computeLogConfig] `yaml:"compute_logs"`
	Telemetry   toggle                  `yaml:"telemetry"`
}

// class names a Python class and its configuration.
type class[Config any] struct {
	Module string `yaml:"module"`
	Class  string `yaml:"class"`
	Config Config `yaml:"config"`
}

// fromEnv is a value that Dagster takes from the environment.
type fromEnv struct {
	Env string `yaml:"env"`
}

type storageFile struct {
	Postgres postgres `yaml:"postgres"`
}

// postgres is the storage; the tables are created by the migration only, so autocreation is written out as off.
type postgres struct {
	DB         postgresDB `yaml:"postgres_db"`
	Autocreate bool       `yaml:"should_autocreate_tables"`
}

type postgresDB struct {
	Username fromEnv `yaml:"username"`
	Password fromEnv `yaml:"password"`
	Hostname fromEnv `yaml:"hostname"`
	Name     fromEnv `yaml:"db_name"`
	Port     fromEnv `yaml:"port"`
	Params   params  `yaml:"params"`
}

type params struct {
	SslMode string `yaml:"sslmode"`
}

type computeLogConfig struct {
	Bucket         fromEnv `yaml:"bucket"`
	Prefix         string  `yaml:"prefix"`
	UploadInterval int     `yaml:"upload_interval"`
	SkipEmpty      bool    `yaml:"skip_empty_files"`
}

type queueConfig struct {
	MaxConcurrent   int        `yaml:"max_concurrent_runs"`
	DequeueInterval int        `yaml:"dequeue_interval_seconds"`
	TagLimits       []tagLimit `yaml:"tag_concurrency_limits,omitempty"`
}

type tagLimit struct {
	Key   string `yaml:"key"`
	Value any    `yaml:"value,omitempty"`
	Limit int    `yaml:"limit"`
}

type perValue struct {
	Apply bool `yaml:"applyLimitPerUniqueValue"`
}

// launcherConfig is EcsRunLauncher in its ARN mode. UseCurrentTask and SecretsTag are written out: their defaults would
// copy the daemon's own task, and list all secrets at every launch.
type launcherConfig struct {
	TaskDefinition string       `yaml:"task_definition"`
	Container      string       `yaml:"container_name"`
	UseCurrentTask bool         `yaml:"use_current_ecs_task_config"`
	SecretsTag     *string      `yaml:"secrets_tag"`
	RunTask        runTask      `yaml:"run_task_kwargs"`
	Resources      runResources `yaml:"run_resources"`
}

// runTask is what RunTask is called with. Tasks take the tags of their definition, and those that ECS manages itself: only
// so a run's cost is seen by stack and cluster.
type runTask struct {
	Cluster     string     `yaml:"cluster"`
	Capacity    []Capacity `yaml:"capacityProviderStrategy"`
	Network     network    `yaml:"networkConfiguration"`
	Propagate   string     `yaml:"propagateTags"`
	ManagedTags bool       `yaml:"enableECSManagedTags"`
}

type network struct {
	Vpc awsvpc `yaml:"awsvpcConfiguration"`
}

type awsvpc struct {
	Subnets        []string `yaml:"subnets"`
	SecurityGroups []string `yaml:"securityGroups"`
	PublicIP       string   `yaml:"assignPublicIp"`
}

type runResources struct {
	CPU    string `yaml:"cpu"`
	Memory string `yaml:"memory"`
}

type monitoring struct {
	Enabled       bool `yaml:"enabled"`
	StartTimeout  int  `yaml:"start_timeout_seconds"`
	CancelTimeout int  `yaml:"cancel_timeout_seconds"`
	MaxRuntime    int  `yaml:"max_runtime_seconds,omitempty"`
	FreeSlots     int  `yaml:"free_slots_after_run_end_seconds"`
	PollInterval  int  `yaml:"poll_interval_seconds"`
}

// retries start runs again whose container was lost; a run whose own code failed stays failed.
type retries struct {
	Enabled   bool `yaml:"enabled"`
	Max       int  `yaml:"max_retries"`
	OnFailure bool `yaml:"retry_on_asset_or_op_failure"`
}

type retention struct {
	Schedule        purge `yaml:"schedule"`
	Sensor          purge `yaml:"sensor"`
	AutoMaterialize purge `yaml:"auto_materialize"`
}

type purge struct {
	AfterDays int `yaml:"purge_after_days"`
}

type threads struct {
	Use     bool `yaml:"use_threads"`
	Workers int  `yaml:"num_workers"`
}

type codeServers struct {
	StartupTimeout int `yaml:"local_startup_timeout"`
}

// toggle is a part of Dagster that is on unless it is said to be off: telemetry, and nux, the invitation to newsletters
// that stands before the first look at the UI.
type toggle struct {
	Enabled bool `yaml:"enabled"`
}
