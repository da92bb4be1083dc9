package dagsterconf

import (
	"errors"
	"strconv"

	"dagster-ecs/internal/problems"
)

// Instance is what dagster.yaml is rendered from.
type Instance struct {
	// Name is the file's name, for its heading; required.
	Name string
	// ComputeLogPrefix is where compute logs go in the bucket, without a slash at either end; required.
	ComputeLogPrefix string
	// Queue bounds the runs in progress.
	Queue Queue
	// Launcher says how a run is started.
	Launcher Launcher
	// StartTimeoutSeconds is how long a run may take to start before it counts as failed; required.
	StartTimeoutSeconds int
	// MaxRuntimeSeconds ends a run that takes longer. 0: no limit.
	MaxRuntimeSeconds int
	// MaxRetries is how often a run whose container was lost is started again. 0: never.
	MaxRetries int
	// TickDays is how long ticks of schedules and sensors are kept; required.
	TickDays int
}

// Queue bounds the runs in progress.
type Queue struct {
	// MaxConcurrent is how many runs are in progress at most; required.
	MaxConcurrent int
	// TagLimits bound runs with a certain tag further. Default none.
	TagLimits []TagLimit
}

// TagLimit bounds the runs that carry a tag.
type TagLimit struct {
	// Key is the tag's name; required.
	Key string
	// Value is the value that counts. Empty: any value.
	Value string
	// PerValue makes the limit hold for each value on its own; not with Value.
	PerValue bool
	// Limit is how many such runs are in progress at most.
	Limit int
}

// Launcher says how EcsRunLauncher starts a run.
type Launcher struct {
	// TaskDefinition is the ARN of the run task definition with its revision; required.
	TaskDefinition string
	// Container is the name of the container in it that a run's command replaces; required.
	Container string
	// Cluster is the ECS cluster; required.
	Cluster string
	// Subnets are where runs are placed; required.
	Subnets []string
	// SecurityGroup is the group of the runs; required.
	SecurityGroup string
	// Capacity is the capacity provider strategy; required.
	Capacity []Capacity
	// CPU is a run's CPU in Fargate units, Memory its memory in MiB, unless its job says another; required.
	CPU, Memory int
}

// Capacity is a capacity provider and its share of the runs.
type Capacity struct {
	// Provider is FARGATE or FARGATE_SPOT.
	Provider string `yaml:"capacityProvider"`
	// Weight is its share.
	Weight int `yaml:"weight"`
}

// launchTag is the tag of Dagster's launcher that would start a run in other subnets, with other security groups or with a
// public address. IAM cannot refuse that, so no run with the tag leaves the queue.
const launchTag = "ecs/run_task_kwargs"

const (
	// cancelSeconds is how long a run may take to stop before it counts as canceled.
	cancelSeconds = 180
	// dequeueSeconds is how often the daemon looks for runs to start: so long one waits in an empty queue. Dagster's
	// default is 5; a look is one query.
	dequeueSeconds = 1
	// pollSeconds is how often running runs are looked at: so long a lost one stays unnoticed.
	pollSeconds = 60
	// freeSlotsSeconds is how long after its end a run keeps what it holds of concurrency pools: one that was killed gives
	// nothing back itself, and Dagster frees nothing unless it is told to.
	freeSlotsSeconds = 60
	// uploadSeconds is how often compute logs of a running step are uploaded: so much is lost with a killed task.
	uploadSeconds = 30
	// startupSeconds is how long code may take to load.
	startupSeconds = 180
	// workers is how many schedules or sensors are evaluated at a time.
	workers = 4
)

// Render gives dagster.yaml. All problems are reported at once.
func (i Instance) Render() ([]byte, error) {
	if err := i.validateWhole(); err != nil {
		return nil, err
	}
	return encode(i.Name+": how this instance of Dagster works. Rendered by the Pulumi program; a change here is lost.", instanceFile{
		Storage:        storage(),
		ComputeLogs:    i.computeLogs(),
		RunCoordinator: i.coordinator(),
		RunLauncher:    i.launcher(),
		RunMonitoring: monitoring{
			Enabled: true, StartTimeout: i.StartTimeoutSeconds, CancelTimeout: cancelSeconds,
			MaxRuntime: i.MaxRuntimeSeconds, FreeSlots: freeSlotsSeconds, PollInterval: pollSeconds,
		},
		RunRetries:  retries{Enabled: i.MaxRetries > 0, Max: i.MaxRetries},
		Retention:   retention{Schedule: purge{i.TickDays}, Sensor: purge{i.TickDays}, AutoMaterialize: purge{i.TickDays}},
		Schedules:   threads{Use: true, Workers: workers},
		Sensors:     threads{Use: true, Workers: workers},
		CodeServers: codeServers{StartupTimeout: startupSeconds},
	})
}

// Validate reports everything that is wrong with what is known at plan time: all but the launcher's ids.
func (i Instance) Validate() error {
	var list problems.List
	list.Required("Name", i.Name)
	list.Required("ComputeLogPrefix", i.ComputeLogPrefix)
	list.Check(i.Queue.MaxConcurrent > 0, "Queue.MaxConcurrent", "%d is not above 0", i.Queue.MaxConcurrent)
	list.Check(i.StartTimeoutSeconds > 0, "StartTimeoutSeconds", "%d is not above 0", i.StartTimeoutSeconds)
	list.Check(i.TickDays > 0, "TickDays", "%d is not above 0", i.TickDays)
	list.Required("Launcher.Container", i.Launcher.Container)
	list.Required("Launcher.Cluster", i.Launcher.Cluster)
	list.Check(len(i.Launcher.Capacity) > 0, "Launcher.Capacity", "is required")
	return list.Err()
}

func (i Instance) validateWhole() error {
	var list problems.List
	list.Required("Launcher.TaskDefinition", i.Launcher.TaskDefinition)
	list.Required("Launcher.SecurityGroup", i.Launcher.SecurityGroup)
	list.Check(len(i.Launcher.Subnets) > 0, "Launcher.Subnets", "is required")
	return errors.Join(i.Validate(), list.Err())
}

func storage() storageFile {
	env := func(name string) fromEnv { return fromEnv{Env: name} }
	return storageFile{Postgres: postgres{
		DB: postgresDB{
			Username: env(DatabaseUserVariable), Password: env(DatabasePasswordVariable), Hostname: env(DatabaseHostVariable),
			Name: env(DatabaseNameVariable), Port: env(DatabasePortVariable), Params: params{SslMode: "require"},
		},
	}}
}

func (i Instance) computeLogs() class[computeLogConfig] {
	return class[computeLogConfig]{"dagster_aws.s3", "S3ComputeLogManager", computeLogConfig{
		Bucket: fromEnv{Env: BucketVariable}, Prefix: i.ComputeLogPrefix, UploadInterval: uploadSeconds, SkipEmpty: true,
	}}
}

func (i Instance) coordinator() class[queueConfig] {
	config := queueConfig{MaxConcurrent: i.Queue.MaxConcurrent, DequeueInterval: dequeueSeconds}
	for _, limit := range i.Queue.TagLimits {
		written := tagLimit{Key: limit.Key, Limit: limit.Limit}
		switch {
		case limit.PerValue:
			written.Value = perValue{Apply: true}
		case limit.Value != "":
			written.Value = limit.Value
		}
		config.TagLimits = append(config.TagLimits, written)
	}
	config.TagLimits = append(config.TagLimits, tagLimit{Key: launchTag, Limit: 0}) // of two limits of a key the last one holds
	return class[queueConfig]{"dagster.core.run_coordinator", "QueuedRunCoordinator", config}
}

func (i Instance) launcher() class[launcherConfig] {
	l := i.Launcher
	return class[launcherConfig]{"dagster_aws.ecs", "EcsRunLauncher", launcherConfig{
		TaskDefinition: l.TaskDefinition,
		Container:      l.Container,
		RunTask: runTask{
			Cluster:  l.Cluster,
			Capacity: l.Capacity,
			Network: network{Vpc: awsvpc{
				Subnets: l.Subnets, SecurityGroups: []string{l.SecurityGroup}, PublicIP: "DISABLED",
			}},
			Propagate:   "TASK_DEFINITION",
			ManagedTags: true,
		},
		Resources: runResources{CPU: strconv.Itoa(l.CPU), Memory: strconv.Itoa(l.Memory)},
	}}
}
