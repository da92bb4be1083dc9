package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"dagster-ecs/internal/changes"
	"dagster-ecs/internal/config"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

// sample is a change of one setting: what both sides have beside it, and the values before and after.
type sample struct {
	with          map[string]any
	before, after any
}

// inExisting are the settings of a stack in a network that is there.
var inExisting = map[string]any{
	"dagster:network.vpcId":             "vpc-0a1b2c3d4e5f60718",
	"dagster:network.privateSubnetIds":  []any{"subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"},
	"dagster:network.databaseSubnetIds": []any{"subnet-0a1b2c3d4e5f60003", "subnet-0a1b2c3d4e5f60004"},
	"dagster:network.publicSubnetIds":   []any{"subnet-0a1b2c3d4e5f60005", "subnet-0a1b2c3d4e5f60006"},
}

// elsewhere is what an internet-facing webserver takes.
var elsewhere = map[string]any{
	"dagster:webserver.allowedCidrs":   []any{"198.51.100.0/24"},
	"dagster:webserver.certificateArn": certificate,
}

const certificate = "arn:aws:acm:us-west-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"

// copied is a stack with copies in a second region.
var copied = map[string]any{"dagster:replicaRegion": "us-west-2", "dagster:bucket.replicate": true, "dagster:database.replicateBackups": true}

// sleeping is a stack with hours.
var sleeping = map[string]any{"dagster:hours.enabled": true}

// samples are a change of each setting of the development stack, which is not protected.
var samples = map[string]sample{
	"aws:region":            {before: "us-west-1", after: "us-west-2", with: map[string]any{"dagster:image": "ghcr.io/example/app:1"}},
	"dagster:account":       {before: "111122223333", after: "444455556666"},
	"dagster:prefix":        {before: "asset-manager", after: "data"},
	"dagster:profile":       {before: "dev", after: "prod", with: sameInBothProfiles()},
	"dagster:stackInNames":  {before: true, after: false},
	"dagster:image":         {before: "ghcr.io/example/app:1", after: "ghcr.io/example/app:2"},
	"dagster:environment":   {before: map[string]any{"A": "1"}, after: map[string]any{"A": "2"}},
	"dagster:pagers":        {before: map[string]any{"duty": "https://example.com/one"}, after: map[string]any{"duty": "https://example.com/two"}},
	"dagster:secrets":       {before: map[string]any{"TOKEN": "old"}, after: map[string]any{"TOKEN": "new"}},
	"dagster:replicaRegion": {before: "us-west-2", after: "us-east-1", with: copied},
	"dagster:protect":       {before: false, after: true, with: map[string]any{"dagster:bucket.forceDestroy": false, "dagster:database.finalSnapshot": true}},

	"dagster:cluster.name":      {before: "one", after: "other"},
	"dagster:cluster.existing":  {before: "one", after: "other", with: map[string]any{"dagster:cluster.name": nil}},
	"dagster:cluster.insights":  {before: "disabled", after: "enabled"},
	"dagster:code.module":       {before: "one.definitions", after: "other.definitions"},
	"dagster:code.destinations": {before: []string{}, after: []string{"10.20.0.0/16:5439", "sg-0a1b2c3d:8443"}},

	"dagster:network.cidr":      {before: "10.64.0.0/16", after: "10.65.0.0/16"},
	"dagster:network.vpcId":     {before: "vpc-0a1b2c3d4e5f60718", after: "vpc-0a1b2c3d4e5f60719", with: inExisting},
	"dagster:network.zones":     {before: 2, after: 3, with: map[string]any{"aws:region": "us-west-2", "dagster:image": "ghcr.io/example/app:1"}},
	"dagster:network.nat":       {before: "single", after: "per-zone"},
	"dagster:network.endpoints": {before: []any{"ecr.api"}, after: []any{"ecr.api", "ecr.dkr"}},
	"dagster:network.privateSubnetIds": {
		before: inExisting["dagster:network.privateSubnetIds"],
		after:  []any{"subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002", "subnet-0a1b2c3d4e5f60007"}, with: inExisting,
	},
	"dagster:network.databaseSubnetIds": {
		before: inExisting["dagster:network.databaseSubnetIds"],
		after:  []any{"subnet-0a1b2c3d4e5f60003", "subnet-0a1b2c3d4e5f60004", "subnet-0a1b2c3d4e5f60007"}, with: inExisting,
	},
	"dagster:network.publicSubnetIds": {
		before: inExisting["dagster:network.publicSubnetIds"],
		after:  []any{"subnet-0a1b2c3d4e5f60005", "subnet-0a1b2c3d4e5f60006", "subnet-0a1b2c3d4e5f60007"},
		with:   joined(inExisting, elsewhere, map[string]any{"dagster:webserver.access": "internet-facing"}),
	},

	"dagster:bucket.name":             {before: "one-bucket", after: "other-bucket"},
	"dagster:bucket.computeLogDays":   {before: 14, after: 0},
	"dagster:bucket.artifactTierDays": {before: 0, after: 60},
	"dagster:bucket.oldVersionDays":   {before: 7, after: 14},
	"dagster:bucket.replicate":        {before: false, after: true, with: copied},
	"dagster:bucket.accelerate":       {before: false, after: true},
	"dagster:bucket.forceDestroy":     {before: true, after: false},

	"dagster:database.engineVersion":        {before: "16", after: "17"},
	"dagster:database.instanceClass":        {before: "db.t4g.small", after: "db.t4g.large"},
	"dagster:database.storageGiB":           {before: 20, after: 40},
	"dagster:database.maxStorageGiB":        {before: 100, after: 0},
	"dagster:database.multiAz":              {before: false, after: true},
	"dagster:database.backupDays":           {before: 1, after: 2, with: copied},
	"dagster:database.replicateBackups":     {before: false, after: true, with: copied},
	"dagster:database.deletionProtection":   {before: false, after: true},
	"dagster:database.finalSnapshot":        {before: false, after: true},
	"dagster:database.name":                 {before: "dagster", after: "other"},
	"dagster:database.rotation":             {before: 1, after: 2},
	"dagster:database.clients":              {before: []string{}, after: []string{"10.9.0.0/16", "sg-0a1b2c3d"}},
	"dagster:database.connection.via":       {before: "gateway", after: "direct"},
	"dagster:database.connection.localPort": {before: 15432, after: 15433},
	"dagster:database.connection.host": {
		before: "", after: "127.0.0.1", with: map[string]any{"dagster:database.connection.via": "direct"},
	},
	"dagster:database.connection.port": {before: 0, after: 15432, with: map[string]any{
		"dagster:database.connection.via": "direct", "dagster:database.connection.host": "127.0.0.1",
	}},

	"dagster:webserver.cpu":                {before: 512, after: 1024, with: map[string]any{"dagster:webserver.memory": 2048}},
	"dagster:webserver.memory":             {before: 1024, after: 2048},
	"dagster:webserver.minInstances":       {before: 1, after: 2, with: map[string]any{"dagster:webserver.maxInstances": 2, "dagster:database.instanceClass": "db.t4g.large"}},
	"dagster:webserver.maxInstances":       {before: 1, after: 2, with: map[string]any{"dagster:database.instanceClass": "db.t4g.large"}},
	"dagster:webserver.access":             {before: "internal", after: "internet-facing", with: elsewhere},
	"dagster:webserver.allowedCidrs":       {before: []any{"198.51.100.0/24"}, after: []any{"203.0.113.0/24"}},
	"dagster:webserver.certificateArn":     {before: "", after: certificate},
	"dagster:webserver.hostname":           {before: "", after: "dagster.example.com"},
	"dagster:webserver.idleTimeoutSeconds": {before: 300, after: 600},

	"dagster:daemon.cpu":    {before: 512, after: 1024, with: map[string]any{"dagster:daemon.memory": 2048}},
	"dagster:daemon.memory": {before: 1024, after: 2048},

	"dagster:runs.cpu":                 {before: 512, after: 1024, with: map[string]any{"dagster:runs.memory": 2048}},
	"dagster:runs.memory":              {before: 1024, after: 2048},
	"dagster:runs.maxConcurrent":       {before: 5, after: 4},
	"dagster:runs.tagLimits":           {before: []any{}, after: []any{map[string]any{"key": "team", "limit": 1}}},
	"dagster:runs.onDemandWeight":      {before: 0, after: 1},
	"dagster:runs.spotWeight":          {before: 1, after: 2},
	"dagster:runs.startTimeoutSeconds": {before: 600, after: 700},
	"dagster:runs.maxRuntimeSeconds":   {before: 0, after: 3600},
	"dagster:runs.maxRetries":          {before: 2, after: 3},

	"dagster:retention.enabled":             {before: false, after: true},
	"dagster:retention.dryRun":              {before: true, after: false},
	"dagster:retention.time":                {before: "03:30", after: "04:30"},
	"dagster:retention.timezone":            {before: "UTC", after: "Asia/Tokyo"},
	"dagster:retention.successDays":         {before: 30, after: 60},
	"dagster:retention.failureDays":         {before: 30, after: 60},
	"dagster:retention.canceledDays":        {before: 30, after: 60},
	"dagster:retention.tags":                {before: []any{}, after: []any{map[string]any{"key": "team", "value": "core", "days": 1}}},
	"dagster:monitoring.enabled":            {before: false, after: true},
	"dagster:monitoring.architecture":       {before: "arm64", after: "x86_64"},
	"dagster:monitoring.failurePercent":     {before: 10, after: 20},
	"dagster:monitoring.failureRuns":        {before: 5, after: 6},
	"dagster:monitoring.queuedRuns":         {before: 25, after: 30},
	"dagster:monitoring.queuedMinutes":      {before: 60, after: 30},
	"dagster:monitoring.backfillMinutes":    {before: 30, after: 60},
	"dagster:monitoring.heartbeatMinutes":   {before: 10, after: 20},
	"dagster:monitoring.webErrors":          {before: 10, after: 20},
	"dagster:monitoring.cpuPercent":         {before: 80, after: 90},
	"dagster:monitoring.memoryPercent":      {before: 80, after: 90},
	"dagster:monitoring.connectionsPercent": {before: 80, after: 90},
	"dagster:monitoring.freeStorageGiB":     {before: 2, after: 3},
	"dagster:monitoring.certificateDays":    {before: 21, after: 30},
	"dagster:monitoring.rollback":           {before: false, after: true},
	"dagster:alerts.emails":                 {before: []string{"a@example.com"}, after: []string{"b@example.com"}},
	"dagster:alerts.slackTeam":              {with: map[string]any{"dagster:alerts.slackChannel": "C0123ABCD"}, before: "T0123ABCD", after: "T0123ABCE"},
	"dagster:alerts.slackChannel":           {with: map[string]any{"dagster:alerts.slackTeam": "T0123ABCD"}, before: "C0123ABCD", after: "C0123ABCE"},

	"dagster:hours.enabled":  {before: false, after: true},
	"dagster:hours.timezone": {before: "UTC", after: "Europe/Berlin", with: sleeping},
	"dagster:hours.weekdays": {before: []string{"mon"}, after: []string{"mon", "tue"}, with: sleeping},
	"dagster:hours.start":    {before: "07:00", after: "08:00", with: sleeping},
	"dagster:hours.stop":     {before: "20:00", after: "21:00", with: sleeping},

	"dagster:audit.trail":             {before: "none", after: "stack"},
	"dagster:audit.retentionDays":     {before: 30, after: 60, with: map[string]any{"dagster:audit.trail": "stack"}},
	"dagster:quotas.fargateVcpus":     {before: 50, after: 100},
	"dagster:quotas.fargateSpotVcpus": {before: 50, after: 100},
	"dagster:quotas.rulesPerGroup":    {before: 60, after: 100},
	"dagster:iam.permissionsBoundary": {before: "one", after: "other"},

	"dagster:logs.retentionDays": {before: 7, after: 14},
	"dagster:logs.tickDays":      {before: 7, after: 14},
}

// sameInBothProfiles gives each setting that the profiles set differently, so that the profile alone changes.
func sameInBothProfiles() map[string]any {
	same := map[string]any{}
	dev, prod := config.Defaults(config.ProfileDev).Texts(), config.Defaults(config.ProfileProd).Texts()
	for key, text := range dev {
		if text == prod[key] || key == "dagster:profile" {
			continue
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		same[key] = value
	}
	return joined(same, map[string]any{"dagster:webserver.certificateArn": certificate, "dagster:database.engineVersion": "17"})
}

func joined(all ...map[string]any) map[string]any {
	sum := map[string]any{}
	for _, each := range all {
		maps.Copy(sum, each)
	}
	return sum
}

// recordWith records the development stack with other settings, by their whole key; nil leaves one out.
func recordWith(t *testing.T, changed map[string]any) *pulumitest.Recorder {
	t.Helper()
	values, secrets := settings(t, "dev")
	for key, value := range changed {
		namespace, name, _ := strings.Cut(key, ":")
		path := strings.Split(name, ".")
		top := namespace + ":" + path[0]
		if len(path) == 1 {
			values[top] = text(t, value)
			continue
		}
		object := map[string]any{}
		if raw := values[top]; raw != "" {
			if err := json.Unmarshal([]byte(raw), &object); err != nil {
				t.Fatal(err)
			}
		}
		at := object
		for _, step := range path[1 : len(path)-1] {
			inner, _ := at[step].(map[string]any)
			if inner == nil {
				inner = map[string]any{}
			}
			at[step], at = inner, inner
		}
		at[path[len(path)-1]] = value
		if value == nil {
			delete(at, path[len(path)-1])
		}
		values[top] = text(t, object)
	}
	answer := func(key, text string) pulumitest.Function {
		return func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.PropertyMap{resource.PropertyKey(key): resource.NewProperty(text)}, nil
		}
	}
	return pulumitest.Record(t, stacks.Deploy, inStack("dev"),
		pulumitest.WithConfig(values, append(secrets, "dagster:secrets", "dagster:pagers")...),
		pulumitest.WithFunction("aws:ec2/getVpc:getVpc", answer("cidrBlock", "172.16.0.0/16")))
}

// deployed are the settings that a recorded program keeps in the state.
func deployed(t *testing.T, r *pulumitest.Recorder) changes.Settings {
	t.Helper()
	texts := changes.Settings{}
	for key, value := range r.One(t, "dagster-ecs:settings:Settings", "settings").Inputs {
		texts[string(key)] = value.StringValue()
	}
	return texts
}

// forcing are the inputs that replace a resource when they change (Terraform's provider of AWS, ForceNew), for what holds
// data or serves people.
var forcing = map[string][]string{
	"aws:rds/instance:Instance":             {"identifier", "dbName", "kmsKeyId", "storageEncrypted", "username", "engine", "characterSetName"},
	"aws:s3/bucketV2:BucketV2":              {"bucket"},
	"aws:kms/key:Key":                       {},
	"aws:cloudwatch/logGroup:LogGroup":      {"name"},
	"postgresql:index/schema:Schema":        {"name", "database"},
	"aws:lb/loadBalancer:LoadBalancer":      {"name", "internal", "loadBalancerType"},
	"aws:lb/targetGroup:TargetGroup":        {"name", "port", "protocol", "vpcId", "targetType"},
	"aws:ecs/cluster:Cluster":               {"name"},
	"aws:ecs/service:Service":               {"name", "cluster"},
	"aws:ec2/vpc:Vpc":                       {"cidrBlock"},
	"aws:ec2/subnet:Subnet":                 {"cidrBlock", "availabilityZone", "vpcId"},
	"aws:ec2/securityGroup:SecurityGroup":   {"name", "description", "vpcId"},
	"aws:rds/subnetGroup:SubnetGroup":       {"name"},
	"aws:ssm/parameter:Parameter":           {"name"},
	"aws:iam/role:Role":                     {"name"},
	"aws:s3/bucketPolicy:BucketPolicy":      {"bucket"},
	"aws:ec2/natGateway:NatGateway":         {"subnetId", "allocationId"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":       {"vpcId", "serviceName"},
	"aws:lb/listener:Listener":              {"loadBalancerArn"},
	"aws:ec2/routeTable:RouteTable":         {"vpcId"},
	"aws:ecs/taskDefinition:TaskDefinition": nil, // each change is a new revision
}

// held are the types that hold data.
var held = []string{
	"aws:rds/instance:Instance", "aws:s3/bucketV2:BucketV2", "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup", "postgresql:index/schema:Schema",
}

// outcome is what a change does, as far as two recordings show it.
type outcome struct {
	// lost are resources with data that go, replaced those without; tasks are services whose tasks start anew.
	lost, replaced, tasks []string
	// interrupted tells whether the database restarts.
	interrupted bool
}

func compare(before, after *pulumitest.Recorder) outcome {
	var found outcome
	now := map[string]pulumitest.Resource{}
	for _, each := range after.All() {
		now[each.URN] = each
	}
	for _, old := range before.All() {
		next, there := now[old.URN]
		gone := !there
		for _, key := range forcing[old.Type] {
			gone = gone || there && !reflect.DeepEqual(old.Input(key), next.Input(key))
		}
		holds := slices.Contains(held, old.Type)
		switch {
		case gone && holds:
			found.lost = append(found.lost, old.Name)
		case gone && there:
			found.replaced = append(found.replaced, old.Name)
		case there:
			found.note(old, next)
		}
	}
	return found
}

// note adds what a change of a resource does that stays.
func (o *outcome) note(before, after pulumitest.Resource) {
	changed := func(inputs ...string) bool {
		return slices.ContainsFunc(inputs, func(key string) bool { return !reflect.DeepEqual(before.Input(key), after.Input(key)) })
	}
	switch before.Type {
	case "aws:ecs/taskDefinition:TaskDefinition":
		// Runs and the maintenance begin with what the definition says by then.
		begins := strings.HasPrefix(before.Name, "runs-") || strings.HasPrefix(before.Name, "maintenance-")
		if changed("containerDefinitions", "cpu", "memory") && !begins {
			o.tasks = append(o.tasks, before.Name)
		}
	case "aws:ecs/service:Service":
		if changed("networkConfiguration", "enableExecuteCommand") {
			o.tasks = append(o.tasks, before.Name)
		}
	case "aws:rds/instance:Instance":
		o.interrupted = changed("engineVersion", "instanceClass")
	}
}

func TestAChangeOfEachSettingDoesWhatItsRowSays(t *testing.T) {
	answerAWS(t)
	for _, key := range settingKeys() {
		change, known := changes.Of(key)
		sample, sampled := samples[key]
		if !known || !sampled {
			t.Errorf("%s: nobody says what its change does (in the table: %t, among the samples: %t)", key, known, sampled)
			continue
		}
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			before := recordWith(t, joined(sample.with, map[string]any{key: sample.before}))
			after := recordWith(t, joined(sample.with, map[string]any{key: sample.after}))
			refusal := changes.Refuse(deployed(t, before), deployed(t, after))
			if change.Effect == changes.Refused {
				if refusal == nil || !strings.HasPrefix(refusal.Error(), key+": ") {
					t.Errorf("is not refused: %v", refusal)
				}
				return
			}
			if refusal != nil {
				t.Errorf("is refused: %v", refusal)
			}
			if got := effect(compare(before, after)); got != change.Effect {
				t.Errorf("is %q, its row says %q: %+v", got, change.Effect, compare(before, after))
			}
		})
	}
	for _, key := range changes.Keys() {
		if key != "stack" && !slices.Contains(settingKeys(), key) {
			t.Errorf("%s has a row and is no setting", key)
		}
	}
}

// effect names an outcome.
func effect(found outcome) changes.Effect {
	switch {
	case len(found.lost) > 0 && len(found.replaced) == 0:
		return changes.Effect(fmt.Sprintf("loss of %v", found.lost))
	case len(found.replaced) > 0:
		return changes.Replaces
	case found.interrupted:
		return changes.Interrupts
	case len(found.tasks) > 0:
		return changes.NewTasks
	}
	return changes.InPlace
}

// settingKeys are the keys of all settings: those that the state keeps, and the two objects of names that people choose.
func settingKeys() []string {
	texts := config.Defaults(config.ProfileDev).Texts()
	delete(texts, "stack")
	return append(slices.Sorted(maps.Keys(texts)), "dagster:environment", "dagster:pagers", "dagster:secrets")
}
