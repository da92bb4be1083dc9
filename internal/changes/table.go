package changes

const (
	newStack = "leave it; for another value build a second stack beside this one (docs/operations.md, A second stack), or where the " +
		"data may go run pulumi destroy with the old value first"
	dataGoes = "the data would stay behind; " + newStack
	loses    = "all data in it would go; " + newStack
	network  = "everything would move into another network, the database without its data; " + newStack
)

// table has a row for each setting; a test compares it with the settings' types.
var table = map[string]Change{
	"stack":           never("the names of all resources carry it; give the stack its name back by pulumi stack rename"),
	"aws:region":      never(dataGoes),
	"dagster:account": never(dataGoes),
	"dagster:prefix":  never("the names of all resources begin with it: " + dataGoes),
	"dagster:profile": {Effect: InPlace, Note: "what other defaults do, the rows of those settings say"},
	"dagster:stackInNames": {
		Effect: Replaces, Note: "services and log groups, with what was logged; the UI is away for minutes. Refused while `protect` is on",
		refuse: whileProtected("the log groups are protected, and what was logged would go with them"),
	},
	"dagster:image":       {Effect: NewTasks},
	"dagster:environment": {Effect: NewTasks},
	"dagster:pagers":      {Effect: InPlace},
	"dagster:secrets":     {Effect: NewTasks, Note: "of what reads it"},
	replicaRegion: {
		Effect: Refused, Note: "while there are copies: switch `bucket.replicate` and `database.replicateBackups` off first", refuse: copiesStay,
	},
	protect: {Effect: InPlace},

	"dagster:cluster.name":      {Effect: Replaces, Note: "cluster and services: the UI is away for minutes. Let runs end first, AWS keeps a cluster with tasks"},
	"dagster:cluster.existing":  {Effect: Replaces, Note: "the services, and a cluster of the stack's own: as `name`"},
	"dagster:cluster.insights":  {Effect: InPlace},
	"dagster:code.module":       {Effect: NewTasks},
	"dagster:code.destinations": {Effect: InPlace},

	"dagster:network.cidr":              never(network),
	"dagster:network.vpcId":             never(network),
	"dagster:network.zones":             {Effect: NewTasks, Note: "a zone can be added; taking one away is refused, since RDS keeps its subnets"},
	"dagster:network.nat":               {Effect: InPlace, Note: "connections through a gateway that goes break off; with `none` nothing but AWS is reached any more"},
	"dagster:network.endpoints":         {Effect: InPlace},
	"dagster:network.privateSubnetIds":  {Effect: NewTasks, Note: "keep a subnet until its runs have ended"},
	"dagster:network.databaseSubnetIds": {Effect: InPlace, Note: "subnets can be added; taking one away is refused, since RDS keeps them"},
	"dagster:network.publicSubnetIds":   {Effect: InPlace},

	"dagster:bucket.name":             never(loses),
	"dagster:bucket.computeLogDays":   {Effect: InPlace},
	"dagster:bucket.artifactTierDays": {Effect: InPlace},
	"dagster:bucket.oldVersionDays":   {Effect: InPlace},
	replicate: {
		Effect: InPlace, Note: "on: copies what is written from then on. Off: deletes the copy, refused before `protect` is off and `bucket.forceDestroy` on",
		refuse: copyGoes,
	},
	"dagster:bucket.accelerate": {Effect: InPlace},
	forceDestroy:                {Effect: InPlace},

	"dagster:database.engineVersion": {Effect: Interrupts, Note: "the database for some minutes, at once (docs/operations.md, Upgrade PostgreSQL). An older version is refused"},
	"dagster:database.instanceClass": {Effect: Interrupts, Note: "the database, at once: a minute or two with a standby, some minutes without. For a smaller class lower `runs.maxConcurrent` in an update before"},
	"dagster:database.storageGiB":    {Effect: InPlace, Note: "at once, by a tenth at least, and not again for 6 hours. A smaller disk is refused"},
	"dagster:database.maxStorageGiB": {Effect: InPlace, Note: "refused below what the disk has grown to"},
	"dagster:database.multiAz":       {Effect: InPlace, Note: "at once; writes are slower while the standby is made"},
	"dagster:database.backupDays":    {Effect: InPlace, Note: "a replication of the backups begins anew; its old copies stay until they are too old"},
	replicateBackup: {
		Effect: InPlace, Note: "off: refused while `protect` is on", refuse: backupCopiesGo,
	},
	"dagster:database.deletionProtection":   {Effect: InPlace},
	"dagster:database.finalSnapshot":        {Effect: InPlace},
	"dagster:database.name":                 never(loses),
	"dagster:database.rotation":             {Effect: NewTasks, Note: "one more; any other number is refused", refuse: oneMore},
	"dagster:database.clients":              {Effect: InPlace},
	"dagster:database.connection.via":       {Effect: InPlace},
	"dagster:database.connection.localPort": {Effect: InPlace},
	"dagster:database.connection.host":      {Effect: InPlace},
	"dagster:database.connection.port":      {Effect: InPlace},

	"dagster:webserver.cpu":          {Effect: NewTasks},
	"dagster:webserver.memory":       {Effect: NewTasks},
	"dagster:webserver.minInstances": {Effect: InPlace},
	"dagster:webserver.maxInstances": {Effect: InPlace},
	"dagster:webserver.access": {
		Effect: Replaces, Note: "the load balancer, which gets another name: the UI is away for minutes. Refused while `protect` is on",
		refuse: whileProtected("the load balancer would be replaced, and AWS protects it from that"),
	},
	"dagster:webserver.allowedCidrs":       {Effect: InPlace},
	"dagster:webserver.certificateArn":     {Effect: InPlace},
	"dagster:webserver.hostname":           {Effect: InPlace, Note: "only the output `url`"},
	"dagster:webserver.idleTimeoutSeconds": {Effect: NewTasks},

	"dagster:daemon.cpu":    {Effect: NewTasks},
	"dagster:daemon.memory": {Effect: NewTasks},

	"dagster:runs.cpu":                 {Effect: NewTasks},
	"dagster:runs.memory":              {Effect: NewTasks},
	"dagster:runs.maxConcurrent":       {Effect: NewTasks},
	"dagster:runs.tagLimits":           {Effect: NewTasks},
	"dagster:runs.onDemandWeight":      {Effect: NewTasks},
	"dagster:runs.spotWeight":          {Effect: NewTasks},
	"dagster:runs.startTimeoutSeconds": {Effect: NewTasks},
	"dagster:runs.maxRuntimeSeconds":   {Effect: NewTasks},
	"dagster:runs.maxRetries":          {Effect: NewTasks},

	"dagster:retention.enabled":      {Effect: InPlace},
	"dagster:retention.dryRun":       {Effect: InPlace, Note: "false: the next call deletes what the last dry run named"},
	"dagster:retention.time":         {Effect: InPlace},
	"dagster:retention.timezone":     {Effect: InPlace},
	"dagster:retention.successDays":  {Effect: InPlace, Note: "from the next call on; what is gone stays gone"},
	"dagster:retention.failureDays":  {Effect: InPlace},
	"dagster:retention.canceledDays": {Effect: InPlace},
	"dagster:retention.tags":         {Effect: InPlace},

	"dagster:monitoring.enabled": {
		Effect: InPlace, Note: "off: deletes the alarms, the topic and the monitor with its log; AWS takes up to 45 minutes to let go of its interfaces. Refused while `protect` is on",
		refuse: alertsGo,
	},
	"dagster:monitoring.architecture":       {Effect: InPlace},
	"dagster:monitoring.failurePercent":     {Effect: InPlace},
	"dagster:monitoring.failureRuns":        {Effect: InPlace},
	"dagster:monitoring.queuedRuns":         {Effect: InPlace},
	"dagster:monitoring.queuedMinutes":      {Effect: InPlace},
	"dagster:monitoring.backfillMinutes":    {Effect: InPlace},
	"dagster:monitoring.heartbeatMinutes":   {Effect: InPlace},
	"dagster:monitoring.webErrors":          {Effect: InPlace},
	"dagster:monitoring.cpuPercent":         {Effect: InPlace},
	"dagster:monitoring.memoryPercent":      {Effect: InPlace},
	"dagster:monitoring.connectionsPercent": {Effect: InPlace},
	"dagster:monitoring.freeStorageGiB":     {Effect: InPlace},
	"dagster:monitoring.certificateDays":    {Effect: InPlace},
	"dagster:monitoring.rollback":           {Effect: InPlace},
	"dagster:alerts.emails":                 {Effect: InPlace},
	"dagster:alerts.slackTeam":              {Effect: InPlace},
	"dagster:alerts.slackChannel":           {Effect: InPlace},

	"dagster:hours.enabled":  {Effect: InPlace, Note: "off: within its hours, or after an update that got it up"},
	"dagster:hours.timezone": {Effect: InPlace},
	"dagster:hours.weekdays": {Effect: InPlace},
	"dagster:hours.start":    {Effect: InPlace},
	"dagster:hours.stop":     {Effect: InPlace},

	"dagster:audit.trail": {
		Effect: InPlace, Note: "away from `stack`: deletes the trail with all that it recorded, refused before `protect` is off and `bucket.forceDestroy` on",
		refuse: trailGoes,
	},
	"dagster:audit.retentionDays": {Effect: InPlace, Note: "files that are there stay locked for as long as they were to be"},

	"dagster:quotas.fargateVcpus":     {Effect: InPlace},
	"dagster:quotas.fargateSpotVcpus": {Effect: InPlace},
	"dagster:quotas.rulesPerGroup":    {Effect: InPlace},

	"dagster:iam.permissionsBoundary": {Effect: InPlace},

	"dagster:logs.retentionDays": {Effect: InPlace},
	"dagster:logs.tickDays":      {Effect: NewTasks},
}
