package config

import (
	"fmt"
	"strings"
	"testing"
)

// refusal is what one wrong setting is answered with, all of it.
type refusal struct {
	set  values
	says string
}

const (
	vpc     = "vpc-0a1b2c3d"
	subnetA = "subnet-0a1b2c3d"
	subnetB = "subnet-1a1b2c3d"
	subnetC = "subnet-2a1b2c3d"
)

var subnetsAB = []string{subnetA, subnetB}

func in(key string, fields values) values { return values{"dagster:" + key: fields} }

// existing is an existing network and more.
func existing(more values) values {
	return in("network", values{"vpcId": vpc, "privateSubnetIds": subnetsAB, "databaseSubnetIds": subnetsAB}.with(more))
}

// facing is an internet-facing webserver and more.
func facing(more values) values {
	return in("webserver", values{
		"access": "internet-facing", "certificateArn": certificate, "allowedCidrs": []string{"198.51.100.0/24"},
	}.with(more))
}

// refused sets each wrong value over what is least needed and compares the whole answer.
func refused(t *testing.T, profile Profile, refusals []refusal) {
	t.Helper()
	for _, c := range refusals {
		_, err := Parse(least(profile).with(c.set).source(), "one")
		if err == nil || err.Error() != c.says {
			t.Errorf("%v:\ngot  %v\nwant %s", c.set, err, c.says)
		}
	}
}

func TestRefusalsOfTheStack(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{values{"aws:region": "california"}, `aws:region: "california": has another form than regions have; a region is such as us-west-1`},
		{values{"aws:region": ""}, "aws:region: is required"},
		{values{"dagster:replicaRegion": "us-west-1"},
			`dagster:replicaRegion: "us-west-1": is the region of the original; a copy there survives nothing`},
		{values{"dagster:replicaRegion": "us-gov-west-1"},
			`dagster:replicaRegion: "us-gov-west-1": lies in partition aws-us-gov; copies of us-west-1 stay in partition aws`},
		{values{"dagster:account": "1234"}, `dagster:account: "1234": has 4 digits; 12 are allowed, in quotes, so that zeros in front stay`},
		{values{"dagster:prefix": "a"}, `dagster:prefix: "a": has 1 character; 2 to 20 are allowed`},
		{values{"dagster:prefix": "aws-jobs"},
			`dagster:prefix: "aws-jobs": begins with aws, which Systems Manager keeps for itself; another beginning is allowed`},
		{values{"dagster:image": "example.com/Asset-Manager:1.0.0"}, `dagster:image: "example.com/Asset-Manager:1.0.0": ` +
			`the repository "Asset-Manager" has upper case; lower-case letters, digits and . _ - are allowed`},
		{values{"dagster:image": "ghcr.io/example/a:1", "dagster:network": values{"nat": "none"}},
			`dagster:image: "ghcr.io/example/a:1": cannot be pulled without a way to the internet; images in ECR of us-west-1 can`},
		{in("cluster", values{"name": "my cluster"}),
			`dagster:cluster.name: "my cluster": has white space; letters, digits, hyphens and underscores are allowed`},
		{in("cluster", values{"existing": "shared cluster"}),
			`dagster:cluster.existing: "shared cluster": has white space; letters, digits, hyphens and underscores are allowed`},
		{in("cluster", values{"existing": "shared", "name": "own", "insights": "enhanced"}),
			`dagster:cluster.name: "own": has no effect with existing; leave it out` + "\n" +
				`dagster:cluster.insights: "enhanced": has no effect with existing; leave it out`},
		{in("cluster", values{"insights": "on"}), `dagster:cluster.insights: "on": unknown; disabled, enabled and enhanced are allowed`},
		{in("code", values{"module": "asset-manager"}), `dagster:code.module: "asset-manager": has the part "asset-manager"; ` +
			"letters, digits and underscores, no digit first, are allowed between dots"},
		{in("code", values{"module": "definitions.py"}), `dagster:code.module: "definitions.py": is a file; its module is definitions`},
		{reaching([]any{"10.0.0.0/16"}), `dagster:code.destinations[0]: "10.0.0.0/16": is no destination; an IPv4 ` +
			"range or the id of a security group, a colon and a port are allowed, such as 10.20.0.0/16:5439"},
		{reaching([]any{"10.0.0.0/16:0"}), "dagster:code.destinations[0]: 0: too small; 1 to 65535 is allowed"},
		{reaching([]any{"0.0.0.0/0:443"}),
			`dagster:code.destinations[0]: "0.0.0.0/0:443": is open already where a way leads to the internet; leave it out`},
		{reaching([]any{"sg-0a1b2c3d:8443", "sg-0a1b2c3d:8443"}),
			`dagster:code.destinations[1]: "sg-0a1b2c3d:8443": stands there twice; once is allowed`},
		{in("logs", values{"retentionDays": 10}), "dagster:logs.retentionDays: 10: CloudWatch Logs has no such retention; " +
			"1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653 are allowed"},
		{in("logs", values{"tickDays": 0}), "dagster:logs.tickDays: 0: too small; 1 to 3650 is allowed"},
	})
}

func TestRefusalsOfUnknownProfilesTellNothingOfTheirDefaults(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{values{"dagster:profile": "staging"}, `dagster:profile: "staging": unknown; dev and prod are allowed`},
		{values{"dagster:profile": ""}, "dagster:profile: is required; dev and prod are allowed"},
		{values{"dagster:profile": "Prod", "dagster:protect": "true"}, `dagster:profile: "Prod": unknown; dev and prod are allowed`},
		{values{"dagster:profile": "Prod", "dagster:logs": values{"tickDays": 0}},
			"dagster:logs.tickDays: 0: too small; 1 to 3650 is allowed\n" + `dagster:profile: "Prod": unknown; dev and prod are allowed`},
	})
}

func TestRefusalsOfOtherTypes(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{values{"dagster:protect": "yes"}, `dagster:protect: "yes": is a text; true or false is allowed`},
		{values{"dagster:protect": ""}, "dagster:protect: is required; true or false is allowed"},
		{values{"dagster:logs": ""}, "dagster:logs: is empty; an object is allowed"},
		{in("bucket", values{"accelerate": "true"}), `dagster:bucket.accelerate: "true": is a text; true or false is allowed`},
		{values{"dagster:logs": "7"}, "dagster:logs: 7: is a number; an object is allowed"},
		{values{"dagster:logs": "{} {}"}, `dagster:logs: "{} {}": is a text; an object is allowed`},
		{values{"dagster:logs": nil}, "dagster:logs: null: is empty; an object is allowed"},
		{values{"dagster:logs": []int{7}}, "dagster:logs: [7]: is a list; an object is allowed"},
		{in("network", values{"zones": 2.5}), "dagster:network.zones: 2.5: is not a whole number, or too large; a whole number is allowed"},
		{in("network", values{"nat": false}), `dagster:network.nat: false: is a boolean; "none", "single" or "per-zone", in quotes, is allowed`},
		{in("runs", values{"cpu": "512"}), `dagster:runs.cpu: "512": is a text; a whole number is allowed`},
		{in("runs", values{"tagLimits": values{}}), "dagster:runs.tagLimits: {}: is an object; a list is allowed"},
		{in("database", values{"engineVersion": 17}), `dagster:database.engineVersion: 17: is a number; "16" or "17", in quotes, is allowed`},
		{in("environment", values{"PORT": 80}), "dagster:environment.PORT: 80: is a number; a text, in quotes, is allowed"},
		{existing(values{"privateSubnetIds": []any{1, subnetB}}),
			"dagster:network.privateSubnetIds[0]: 1: is a number; a text, in quotes, is allowed"},
	})
}

func TestRefusalsOfTheAudit(t *testing.T) {
	refused(t, ProfileProd, []refusal{
		{in("audit", values{"trail": "account"}), `dagster:audit.trail: "account": unknown; stack, organization and none are allowed`},
		{in("audit", values{"retentionDays": 0}), "dagster:audit.retentionDays: 0: too small; 1 to 3650 is allowed"},
		{in("audit", values{"trail": "organization", "retentionDays": 90}),
			"dagster:audit.retentionDays: 90: has no effect without dagster:audit.trail stack; leave it out"},
	})
}

func TestRefusalsOfUnknownKeys(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("logs", values{"days": 1}), "dagster:logs.days: is unknown; retentionDays and tickDays are allowed"},
		{in("database", values{"connection": values{"user": "me"}}), "dagster:database.connection.user: is unknown; host, localPort, port and via are allowed"},
		{in("runs", values{"tagLimits": []values{{"key": "a", "limit": 1, "max": 1}}}),
			"dagster:runs.tagLimits[0].max: is unknown; key, limit, perValue and value are allowed"},
		{values{"Dagster:prefix": "data"}, "Dagster:prefix: is read by nobody; dagster:prefix is the setting"},
		{values{"other:daemno": "1"}, "other:daemno: is read by nobody; keys that begin with dagster: are, and aws:region"},
		{values{"aws:profile": "mine"}, "aws:profile: has no effect: the program sets up its providers itself, with aws:region and " +
			"with the credentials of the environment, such as AWS_PROFILE"},
		{values{"dagster:daemno": "1"}, "dagster:daemno: is unknown; did you mean dagster:daemon?"},
		{values{"dagster:Image": "1"}, "dagster:Image: is unknown; did you mean dagster:image?"},
		{values{"dagster:maxConcurrent": "1"}, "dagster:maxConcurrent: is unknown; did you mean dagster:runs.maxConcurrent?"},
		{in("logs", values{"retentiondays": 1}), "dagster:logs.retentiondays: is unknown; did you mean retentionDays?"},
		{in("logs", values{"maxRetries": 1}), "dagster:logs.maxRetries: is unknown; did you mean dagster:runs.maxRetries?"},
		{values{"dagster:colors": "1"}, "dagster:colors: is unknown; aws:region, dagster:account, dagster:profile, dagster:prefix, " +
			"dagster:stackInNames, dagster:image, dagster:replicaRegion, dagster:protect, dagster:cluster, dagster:code, dagster:network, dagster:bucket, " +
			"dagster:database, dagster:webserver, dagster:daemon, dagster:runs, dagster:logs, dagster:retention, dagster:monitoring, dagster:alerts, dagster:pagers, dagster:hours, dagster:audit, dagster:quotas, dagster:iam, dagster:environment and " +
			"dagster:secrets are allowed"},
	})
}

func TestRefusalsOfTheNetwork(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("network", values{"cidr": "10.0.0.0/8"}), `dagster:network.cidr: "10.0.0.0/8": is a /8; /16 to /22 is allowed`},
		{in("network", values{"zones": 4}), "dagster:network.zones: 4: too large; 2 to 3 is allowed"},
		{in("network", values{"nat": "two"}), `dagster:network.nat: "two": unknown; none, single and per-zone are allowed`},
		{in("network", values{"endpoints": []string{"s3"}}),
			`dagster:network.endpoints[0]: "s3": has a gateway endpoint already; other services are allowed`},
		{in("network", values{"endpoints": []string{"com.amazonaws.us-west-1.ecr.api", "ecr"}}),
			`dagster:network.endpoints[0]: "com.amazonaws.us-west-1.ecr.api": is the whole name; ecr.api is allowed` + "\n" +
				`dagster:network.endpoints[1]: "ecr": has no endpoint; ecr.api and ecr.dkr are allowed`},
		{in("network", values{"endpoints": []string{"ssm", "ssm"}}), `dagster:network.endpoints[1]: "ssm": stands there twice; once is allowed`},
		{in("network", values{"privateSubnetIds": subnetsAB}), "dagster:network.vpcId: is required with ids of subnets"},
		{existing(values{"vpcId": "mine"}),
			`dagster:network.vpcId: "mine": begins with something else than vpc-; vpc- and 8 or 17 hexadecimal digits are allowed`},
		{existing(values{"databaseSubnetIds": []string{}}),
			"dagster:network.databaseSubnetIds: has 0; two subnets in two zones at least are needed"},
		{existing(values{"privateSubnetIds": []string{subnetA, subnetA}}),
			`dagster:network.privateSubnetIds[1]: "subnet-0a1b2c3d": stands there twice; once is allowed`},
		{existing(values{"privateSubnetIds": []string{subnetA, "subnet-0a1b2c3d4e5f6000"}}), `dagster:network.privateSubnetIds[1]: ` +
			`"subnet-0a1b2c3d4e5f6000": has 16 digits; subnet- and 8 or 17 hexadecimal digits are allowed`},
		{existing(values{"publicSubnetIds": []string{subnetC, subnetA}}), `dagster:network.publicSubnetIds[1]: "subnet-0a1b2c3d": ` +
			"is private or the database's as well; a subnet has a route to an internet gateway or not"},
		{existing(nil).with(facing(nil)), "dagster:network.publicSubnetIds: has 0; two subnets in two zones at least are needed"},
		{existing(values{"cidr": "10.1.0.0/16"}), `dagster:network.cidr: "10.1.0.0/16": has no effect with dagster:network.vpcId; leave it out`},
		{existing(values{"zones": 3}), "dagster:network.zones: 3: has no effect with dagster:network.vpcId; leave it out"},
		{existing(values{"endpoints": []string{"ssm"}}), `dagster:network.endpoints: ["ssm"]: has no effect with dagster:network.vpcId; leave it out`},
		{existing(values{"nat": "none"}), `dagster:network.nat: "none": has no effect with dagster:network.vpcId; leave it out`},
	})
}

func TestRefusalsOfBucketAndDatabase(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("bucket", values{"name": "xn--assets"}),
			`dagster:bucket.name: "xn--assets": begins with xn--, which S3 keeps for itself; another beginning is allowed`},
		{in("bucket", values{"computeLogDays": -1}), "dagster:bucket.computeLogDays: -1: too small; 0 to 3650 is allowed"},
		{in("bucket", values{"artifactTierDays": 10}), "dagster:bucket.artifactTierDays: 10: infrequent access does not take " +
			"objects of this age; 0 (never) and 30 to 3650 are allowed"},
		{in("bucket", values{"oldVersionDays": 0}), "dagster:bucket.oldVersionDays: 0: too small; 1 to 3650 is allowed"},
		{in("bucket", values{"replicate": true}), "dagster:bucket.replicate: true: needs dagster:replicaRegion"},
		{values{"dagster:protect": "true", "dagster:database": values{"finalSnapshot": true}},
			"dagster:bucket.forceDestroy: true: contradicts dagster:protect; false is allowed with it"},
		{values{"dagster:protect": "true", "dagster:bucket": values{"forceDestroy": false}},
			"dagster:database.finalSnapshot: false: contradicts dagster:protect; true is allowed with it"},
		{in("database", values{"engineVersion": "15"}), `dagster:database.engineVersion: "15": unknown; 16 and 17 are allowed`},
		{in("database", values{"storageGiB": 10}), "dagster:database.storageGiB: 10: too small; 20 to 65536 is allowed"},
		{in("database", values{"maxStorageGiB": 21}), "dagster:database.maxStorageGiB: 21: less than a tenth above the size of 20; " +
			"0 (no growth) and 22 to 65536 are allowed"},
		{in("database", values{"backupDays": 0}), "dagster:database.backupDays: 0: too small; 1 to 35 is allowed"},
		{in("database", values{"replicateBackups": true}), "dagster:database.replicateBackups: true: needs dagster:replicaRegion"},
		{in("database", values{"name": "user"}), `dagster:database.name: "user": is reserved by PostgreSQL or RDS; another name is allowed`},
		{in("database", values{"rotation": 0}), "dagster:database.rotation: 0: too small; rotations count from 1"},
		{in("database", values{"connection": values{"via": "direct", "host": "tcp://127.0.0.1"}}),
			`dagster:database.connection.host: "tcp://127.0.0.1": has a scheme; the host alone is allowed`},
		{in("database", values{"connection": values{"port": 5433}}),
			"dagster:database.connection.port: has no effect without dagster:database.connection.host; leave it out"},
		{in("database", values{"connection": values{"host": "10.0.0.9"}}), `dagster:database.connection.host: "10.0.0.9": ` +
			"has no effect with dagster:database.connection.via gateway; direct is allowed with it"},
		{in("database", values{"connection": values{"via": "direct", "localPort": 15432}}),
			"dagster:database.connection.localPort: 15432: has no effect with dagster:database.connection.via direct; leave it out"},
		{in("database", values{"connection": values{"via": "vpn"}}),
			`dagster:database.connection.via: "vpn": unknown; gateway and direct are allowed`},
		{in("database", values{"connection": values{"localPort": 443}}),
			"dagster:database.connection.localPort: 443: too small; 1024 to 65535 is allowed"},
		{in("database", values{"clients": []any{"0.0.0.0/0"}}),
			`dagster:database.clients[0]: "0.0.0.0/0": means everybody; the ranges and security groups of clients are allowed`},
		{in("database", values{"clients": []any{"sg-12"}}),
			`dagster:database.clients[0]: "sg-12": is no id of a security group; sg- and 8 or 17 digits from 0 to f are allowed`},
		{in("database", values{"clients": []any{"10.0.0.0/16", "10.0.0.0/16"}}),
			`dagster:database.clients[1]: "10.0.0.0/16": stands there twice; once is allowed`},
		{in("database", values{"connection": values{"port": 70000}}), "dagster:database.connection.port: 70000: too large; 1 to 65535 is allowed"},
	})
}

func TestRefusalsOfWorkloads(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("webserver", values{"cpu": 300}),
			"dagster:webserver.cpu: 300: Fargate has no such CPU size; 256, 512, 1024, 2048, 4096, 8192 and 16384 are allowed"},
		{in("daemon", values{"memory": 512}),
			"dagster:daemon.memory: 512: Fargate has no such memory with cpu 512; 1024, 2048, 3072 and 4096 are allowed"},
		{in("runs", values{"cpu": 256, "memory": 1536}),
			"dagster:runs.memory: 1536: Fargate has no such memory with cpu 256; 512, 1024 and 2048 are allowed"},
		{in("webserver", values{"minInstances": 0}), "dagster:webserver.minInstances: 0: too small; 1 to 10 is allowed"},
		{in("webserver", values{"minInstances": 2, "maxInstances": 1}), "dagster:webserver.maxInstances: 1: less than minInstances, 2; that to 10 is allowed"},
		{in("webserver", values{"access": "public"}), `dagster:webserver.access: "public": unknown; internal and internet-facing are allowed`},
		{in("webserver", values{"idleTimeoutSeconds": 60}), "dagster:webserver.idleTimeoutSeconds: 60: too small; 61 to 4000 is allowed"},
		{in("webserver", values{"hostname": "https://dagster.example.com"}),
			`dagster:webserver.hostname: "https://dagster.example.com": has a scheme; the host alone is allowed`},
		{in("webserver", values{"allowedCidrs": []string{"10.0.0.1/8"}}), `dagster:webserver.allowedCidrs[0]: "10.0.0.1/8": ` +
			"has an address within the range; 10.0.0.0/8 is the range's name"},
		{facing(values{"allowedCidrs": []string{}}),
			"dagster:webserver.allowedCidrs: is required with access internet-facing: Dagster has no login"},
		{facing(values{"allowedCidrs": []string{"198.51.100.0/24", "128.0.0.0/1"}}), `dagster:webserver.allowedCidrs[1]: "128.0.0.0/1": ` +
			"is wider than /8; with access internet-facing /8 to /32 is allowed: Dagster has no login"},
		{facing(nil).with(in("network", values{"nat": "none"})).with(values{"dagster:image": "111122223333.dkr.ecr.us-west-1.amazonaws.com/a:1"}),
			"dagster:monitoring.enabled: true: the monitor does not reach a load balancer with webserver.access internet-facing, since with " +
				"network.nat none nothing leads to the internet; false is allowed with both"},
		{facing(values{"certificateArn": ""}), "dagster:webserver.certificateArn: is required with access internet-facing"},
		{in("webserver", values{"certificateArn": strings.Replace(certificate, "us-west-1", "us-east-1", 1)}),
			`dagster:webserver.certificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef": ` +
				`is of region "us-east-1"; the load balancer in us-west-1 takes certificates of its own region`},
	})
	refused(t, ProfileProd, []refusal{
		{in("webserver", values{}), "dagster:webserver.certificateArn: is required with profile prod"},
	})
}

func TestRefusalsOfRuns(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("runs", values{"maxConcurrent": 0}), "dagster:runs.maxConcurrent: 0: too small; 1 to 1000 is allowed"},
		{in("runs", values{"onDemandWeight": 1001}), "dagster:runs.onDemandWeight: 1001: too large; 0 to 1000 is allowed"},
		{in("runs", values{"spotWeight": -1}), "dagster:runs.spotWeight: -1: too small; 0 to 1000 is allowed"},
		{in("runs", values{"spotWeight": 0}), "dagster:runs.spotWeight: 0: leaves no capacity together with the on-demand weight of 0; " +
			"one of the two above 0 is needed"},
		{in("runs", values{"startTimeoutSeconds": 30}), "dagster:runs.startTimeoutSeconds: 30: too small; 180 to 3600 is allowed"},
		{in("runs", values{"maxRuntimeSeconds": -1}), "dagster:runs.maxRuntimeSeconds: -1: too small; 0 to 31536000 is allowed"},
		{in("runs", values{"maxRetries": 11}), "dagster:runs.maxRetries: 11: too large; 0 to 10 is allowed"},
		{in("runs", values{"tagLimits": []values{{"limit": 1}}}), "dagster:runs.tagLimits[0].key: is required"},
		{in("runs", values{"tagLimits": []values{{"key": " team", "limit": 1}}}), `dagster:runs.tagLimits[0].key: " team": has white space around it`},
		{in("runs", values{"tagLimits": []values{{"key": "a", "limit": 1}, {"key": "a", "value": "b", "limit": 1}, {"key": "a", "limit": 2}}}),
			"dagster:runs.tagLimits[2]: has the key and value of [0]; one limit for each is allowed"},
		{in("runs", values{"maxConcurrent": "9", "tagLimits": []values{{"key": "a", "limit": 9}}}),
			`dagster:runs.maxConcurrent: "9": is a text; a whole number is allowed`},
		{in("runs", values{"tagLimits": []values{{"key": "team"}}}), "dagster:runs.tagLimits[0].limit: is required"},
		{in("runs", values{"tagLimits": []values{{"key": "a", "value": "b", "perValue": true, "limit": 1}}}),
			`dagster:runs.tagLimits[0].perValue: true: contradicts value "b"; one of the two is allowed`},
		{in("runs", values{"tagLimits": []values{{"key": "a", "limit": 0}, {"key": "b", "limit": 6}}}),
			"dagster:runs.tagLimits[1].limit: 6: too large; 0 to 5 is allowed"},
	})
}

func TestRefusalsOfNumbersThatDoNotFitEachOther(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("database", values{"instanceClass": "large"}),
			`dagster:database.instanceClass: "large": has another form than instance classes have; a class is such as db.t4g.small`},
		{values{"dagster:database": values{"instanceClass": "db.t4g.micro"}, "dagster:runs": values{"maxConcurrent": 13}},
			`dagster:database.instanceClass: "db.t4g.micro": ` +
				"allows 101 connections; with webserver.maxInstances 1 and runs.maxConcurrent 13 up to 104 are needed"},
		{in("runs", values{"maxConcurrent": 46}), `dagster:database.instanceClass: "db.t4g.small": ` +
			"allows 202 connections; with webserver.maxInstances 1 and runs.maxConcurrent 46 up to 203 are needed"},
		{values{"dagster:database": values{"instanceClass": "db.r6g.4xlarge"}, "dagster:network": values{"cidr": "10.0.0.0/22"},
			"dagster:runs": values{"maxConcurrent": 484}},
			`dagster:network.cidr: "10.0.0.0/22": has 502 addresses for tasks; with runs.maxConcurrent 484 up to 509 are needed`},
	})
}

// reaching are settings of the code with destinations.
func reaching(destinations any) values {
	return in("code", values{"module": "asset_manager.definitions", "destinations": destinations})
}

func TestRefusalsOfNumbersAboveQuotas(t *testing.T) {
	most, destinations := make([]string, 60), make([]string, 57)
	for i := range most {
		most[i] = fmt.Sprintf("198.51.100.%d/32", i)
	}
	for i := range destinations {
		destinations[i] = most[i] + ":5439"
	}
	refused(t, ProfileDev, []refusal{
		{facing(values{"allowedCidrs": most[:30]}).with(in("network", values{"nat": "per-zone", "zones": 3})),
			"dagster:webserver.allowedCidrs: has 30 ranges, which make 63 rules of a security " +
				"group; quotas.rulesPerGroup, 60, are allowed (L-0EA8095F)"},
		{in("quotas", values{"fargateVcpus": -1}), "dagster:quotas.fargateVcpus: -1: too small; 0 to 1000000 is allowed"},
		{in("quotas", values{"rulesPerGroup": 0}), "dagster:quotas.rulesPerGroup: 0: too small; 1 to 1000000 is allowed"},
		{in("quotas", values{"fargateVcpus": 1}), "dagster:quotas.fargateVcpus: 1: too few; up to 3 vCPUs are needed at a time: ask " +
			"Service Quotas for more of L-3032A538, or lower runs.maxConcurrent, webserver.maxInstances or the sizes of the tasks"},
		{in("quotas", values{"fargateSpotVcpus": 2}), "dagster:quotas.fargateSpotVcpus: 2: too few; up to 2.5 vCPUs are needed at a time: " +
			"ask Service Quotas for more of L-36FBB829, or lower runs.maxConcurrent, webserver.maxInstances or the sizes of the tasks"},
		{facing(values{"allowedCidrs": most[:31]}), "dagster:webserver.allowedCidrs: has 31 ranges, which make 63 rules of a security " +
			"group; quotas.rulesPerGroup, 60, are allowed (L-0EA8095F)"},
		{in("webserver", values{"allowedCidrs": most}), "dagster:webserver.allowedCidrs: has 60 ranges, which make 62 rules of a security " +
			"group; quotas.rulesPerGroup, 60, are allowed (L-0EA8095F)"},
		{reaching(destinations), "dagster:code.destinations: has 57 destinations, which make 61 rules of a " +
			"security group with the program's own; quotas.rulesPerGroup, 60, are allowed (L-0EA8095F)"},
	})
}

func TestRefusalsOfVariables(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("environment", values{"DAGSTER_HOME": "/"}),
			`dagster:environment.DAGSTER_HOME: "DAGSTER_HOME": begins with DAGSTER_; the program manages such variables`},
		{in("environment", values{"WAREHOUSE_PASSWORD": "x"}),
			"dagster:environment.WAREHOUSE_PASSWORD: is named like a secret; it belongs into the secrets"},
		{in("environment", values{"START": "2024-01-01 00:00:00 +0000 UTC"}), `dagster:environment.START: ` +
			`"2024-01-01 00:00:00 +0000 UTC": is a date that YAML rewrote; put the date in quotes`},
		{in("secrets", values{"API_TOKEN": "x"}),
			"dagster:secrets: is plain text; set each with pulumi config set --secret --path 'dagster:secrets.NAME'"},
	})
}

func TestAcceptedForms(t *testing.T) {
	for _, given := range []values{
		{"dagster:image": "example.com:5000/team/asset-manager:1.0.0"},
		{"dagster:prefix": "", "dagster:replicaRegion": ""},
		existing(nil),
		existing(values{"publicSubnetIds": []string{subnetC, "subnet-3a1b2c3d4e5f60718"}}).with(facing(nil)),
		in("network", values{"zones": 3, "cidr": "192.168.0.0/20"}),
		in("network", values{"nat": "none"}).with(values{"dagster:image": "111122223333.dkr.ecr.us-west-1.amazonaws.com/a:1"}),
		in("database", values{"instanceClass": "db.m5.24xlarge", "connection": values{"via": "direct", "host": "127.0.0.1", "port": 15432}}),
		facing(nil),
		facing(nil).with(in("network", values{"nat": "none"})).with(in("monitoring", values{"enabled": false})).
			with(values{"dagster:image": "111122223333.dkr.ecr.us-west-1.amazonaws.com/a:1"}),
		in("quotas", values{"fargateVcpus": 3, "fargateSpotVcpus": 3}),
		in("webserver", values{"allowedCidrs": []string{"0.0.0.0/0"}}),
		in("environment", values{"TOKENIZER_HOST": "https://a@example.com:80/x:y@z", "SECRETARY": "Ann", "DAY": "2024-01-01"}),
		{"pulumi:tags": values{"team": "data"}},
	} {
		if _, err := Parse(least(ProfileDev).with(given).source(), "one"); err != nil {
			t.Errorf("%v: %v", given, err)
		}
	}
}
