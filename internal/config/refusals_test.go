package config

import (
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
)

func in(key string, fields values) values { return values{"dagster:" + key: fields} }

func TestRefusalsOfTheStack(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{values{"aws:region": "california"}, `aws:region: "california" is no region such as us-west-1`},
		{values{"aws:region": "us-east-1", "dagster:replicaRegion": "us-east-1"},
			`dagster:replicaRegion: "us-east-1" is aws:region itself, a copy there survives nothing`},
		{values{"dagster:replicaRegion": "west"}, `dagster:replicaRegion: "west" is no region such as us-west-2`},
		{values{"dagster:account": "1234"}, `dagster:account: "1234" is no account (twelve digits, quoted)`},
		{values{"dagster:profile": "staging"}, `dagster:profile: "staging": unknown; dev and prod are allowed`},
		{values{"dagster:prefix": "a"}, `dagster:prefix: "a" is not 2 to 20 lower-case letters, digits and single hyphens, a letter first`},
		{values{"dagster:prefix": strings.Repeat("a", 21)},
			`dagster:prefix: "` + strings.Repeat("a", 21) + `" is not 2 to 20 lower-case letters, digits and single hyphens, a letter first`},
		{values{"dagster:prefix": "aws-jobs"}, `dagster:prefix: "aws-jobs" begins with aws, which AWS reserves`},
		{values{"dagster:protect": "yes"}, `dagster:protect: "yes" is no boolean (true or false)`},
		{values{"dagster:image": "asset-manager"}, `dagster:image: "asset-manager" is no image with a tag or a digest`},
		{values{"dagster:image": "example.com:5000/asset-manager"}, `dagster:image: "example.com:5000/asset-manager" is no image with a tag or a digest`},
		{values{"dagster:image": "https://example.com/a:1"}, `dagster:image: "https://example.com/a:1" is no image with a tag or a digest`},
		{values{"dagster:image": "a:latest"}, `dagster:image: "a:latest" has the tag latest: a task started tomorrow would run other code`},
		{in("cluster", values{"name": "my cluster"}), `dagster:cluster.name: "my cluster" is not 1 to 255 letters, digits, hyphens and underscores`},
		{in("cluster", values{"insights": "on"}), `dagster:cluster.insights: "on": unknown; disabled, enabled and enhanced are allowed`},
		{in("cluster", values{"exec": "true"}), `dagster:cluster.exec: "true" is no boolean (true or false)`},
		{in("code", values{"module": "asset-manager"}), `dagster:code.module: "asset-manager" is no Python module such as asset_manager.definitions`},
		{in("logs", values{"retentionDays": 10}), "dagster:logs.retentionDays: 10 is no retention of CloudWatch Logs " +
			"(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)"},
		{in("logs", values{"tickDays": 0}), "dagster:logs.tickDays: 0: too small; 1 to 3650 is allowed"},
		{in("logs", values{"days": 1}), "dagster:logs.days: is no setting; there are retentionDays, tickDays"},
		{values{"dagster:logs": "7"}, "dagster:logs: 7 is no object"},
		{values{"dagster:logs": "{} {}"}, `dagster:logs: "{} {}" is no object`},
		{values{"dagster:logs": nil}, "dagster:logs: null is no object"},
	})
}

func TestRefusalsOfStorage(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("network", values{"cidr": "10.0.0.0/8"}), `dagster:network.cidr: "10.0.0.0/8" has /8: /16 to /22 is allowed`},
		{in("network", values{"zones": 4}), "dagster:network.zones: 4: too large; 2 to 3 is allowed"},
		{in("network", values{"zones": 2.5}), `dagster:network.zones: 2.5 is no whole number`},
		{in("network", values{"nat": "two"}), `dagster:network.nat: "two": unknown; none, single and per-zone are allowed`},
		{in("network", values{"privateSubnetIds": []string{subnetA, subnetB}}),
			"dagster:network.vpcId: is required with ids of subnets: an existing network needs all of them"},
		{in("network", values{"vpcId": vpc, "privateSubnetIds": []string{subnetA, subnetB}}),
			"dagster:network.databaseSubnetIds: []: two different subnets at least are needed with vpcId"},
		{in("network", values{"vpcId": "mine", "privateSubnetIds": []string{subnetA, subnetB}, "databaseSubnetIds": []string{subnetA, subnetB}}),
			`dagster:network.vpcId: "mine" is no id of a VPC such as vpc-0a1b2c3d4e5f60718`},
		{in("network", values{"vpcId": vpc, "privateSubnetIds": []string{subnetA, subnetA}, "databaseSubnetIds": []string{subnetA, subnetB}}),
			`dagster:network.privateSubnetIds: ["subnet-0a1b2c3d" "subnet-0a1b2c3d"]: two different subnets at least are needed with vpcId`},
		{in("network", values{"vpcId": vpc, "privateSubnetIds": []string{subnetA, "b"}, "databaseSubnetIds": []string{subnetA, subnetB}}),
			`dagster:network.privateSubnetIds: "b" is no id of a subnet such as subnet-0a1b2c3d4e5f60718`},
		{in("network", values{"vpcId": vpc, "privateSubnetIds": []any{1}}), "dagster:network.privateSubnetIds[0]: 1 is no text\n" +
			`dagster:network.privateSubnetIds: [""]: two different subnets at least are needed with vpcId` + "\n" +
			`dagster:network.privateSubnetIds: "" is no id of a subnet such as subnet-0a1b2c3d4e5f60718` + "\n" +
			"dagster:network.databaseSubnetIds: []: two different subnets at least are needed with vpcId"},
		{in("bucket", values{"name": "My_Bucket"}), `dagster:bucket.name: "My_Bucket" is not 3 to 55 lower-case letters, digits and hyphens`},
		{in("bucket", values{"computeLogDays": -1}), "dagster:bucket.computeLogDays: -1: too small; 0 to 3650 is allowed"},
		{in("bucket", values{"artifactTierDays": 10}), "dagster:bucket.artifactTierDays: 10 is neither 0 nor between 30 and 3650"},
		{in("bucket", values{"oldVersionDays": 0}), "dagster:bucket.oldVersionDays: 0: too small; 1 to 3650 is allowed"},
		{in("bucket", values{"replicate": true}), "dagster:bucket.replicate: true needs dagster:replicaRegion"},
		{values{"dagster:protect": "true", "dagster:database": values{"finalSnapshot": true}},
			"dagster:bucket.forceDestroy: true contradicts dagster:protect"},
		{values{"dagster:protect": "true", "dagster:bucket": values{"forceDestroy": false}},
			"dagster:database.finalSnapshot: false contradicts dagster:protect"},
		{in("database", values{"engineVersion": 17}), "dagster:database.engineVersion: 17 is no text"},
		{in("database", values{"engineVersion": "15"}), `dagster:database.engineVersion: "15": unknown; 16 and 17 are allowed`},
		{in("database", values{"storageGiB": 10}), "dagster:database.storageGiB: 10: too small; 20 to 65536 is allowed"},
		{in("database", values{"maxStorageGiB": 21}),
			"dagster:database.maxStorageGiB: 21 is neither 0 nor between a tenth above storageGiB (20) and 65536"},
		{in("database", values{"backupDays": 0}), "dagster:database.backupDays: 0: too small; 1 to 35 is allowed"},
		{in("database", values{"replicateBackups": true}), "dagster:database.replicateBackups: true needs dagster:replicaRegion"},
		{in("database", values{"name": "my-db"}),
			`dagster:database.name: "my-db" is not 1 to 63 lower-case letters, digits and underscores, a letter first`},
		{in("database", values{"rotation": 0}), "dagster:database.rotation: 0 is below 1: rotations count from 1"},
		{in("database", values{"connection": values{"host": "tcp://127.0.0.1"}}),
			`dagster:database.connection.host: "tcp://127.0.0.1" is no host name or address`},
		{in("database", values{"connection": values{"port": 70000}}), "dagster:database.connection.port: 70000: too large; 0 to 65535 is allowed"},
		{in("database", values{"connection": values{"user": "me"}}), "dagster:database.connection.user: is no setting; there are host, port"},
	})
}

func TestRefusalsOfWorkloads(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("webserver", values{"cpu": 300}),
			"dagster:webserver.cpu: 300 is not a Fargate CPU size (256, 512, 1024, 2048, 4096, 8192, 16384)"},
		{in("daemon", values{"memory": 512}), "dagster:daemon.memory: 512 is no memory that Fargate has with cpu 512 (1024, 2048, 3072, 4096)"},
		{in("runs", values{"cpu": 256, "memory": 1536}),
			"dagster:runs.memory: 1536 is no memory that Fargate has with cpu 256 (512, 1024, 2048)"},
		{in("runs", values{"cpu": "512"}), `dagster:runs.cpu: "512" is no whole number`},
		{in("webserver", values{"minInstances": 0}), "dagster:webserver.minInstances: 0: too small; 1 to 10 is allowed"},
		{in("webserver", values{"minInstances": 2, "maxInstances": 1}), "dagster:webserver.maxInstances: 1: too small; 2 to 10 is allowed"},
		{in("webserver", values{"access": "public"}), `dagster:webserver.access: "public": unknown; internal and internet-facing are allowed`},
		{in("webserver", values{"idleTimeoutSeconds": 60}), "dagster:webserver.idleTimeoutSeconds: 60: too small; 61 to 4000 is allowed"},
		{in("webserver", values{"allowedCidrs": []string{"10.0.0.1/8"}}),
			`dagster:webserver.allowedCidrs[0]: "10.0.0.1/8" is no IPv4 range such as 10.0.0.0/8`},
		{in("webserver", values{"access": "internet-facing", "certificateArn": certificate}),
			"dagster:webserver.allowedCidrs: is required with access internet-facing: Dagster has no login"},
		{in("webserver", values{"access": "internet-facing", "certificateArn": certificate, "allowedCidrs": []string{"0.0.0.0/0"}}),
			`dagster:webserver.allowedCidrs[0]: "0.0.0.0/0" is wider than a /8, which is no allow-list: Dagster has no login`},
		{in("webserver", values{"access": "internet-facing", "certificateArn": certificate, "allowedCidrs": []string{"198.51.100.0/24", "128.0.0.0/1"}}),
			`dagster:webserver.allowedCidrs[1]: "128.0.0.0/1" is wider than a /8, which is no allow-list: Dagster has no login`},
		{in("webserver", values{"access": "internet-facing", "allowedCidrs": []string{"198.51.100.0/24"}}),
			"dagster:webserver.certificateArn: is required with access internet-facing"},
		{in("webserver", values{"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"}),
			`dagster:webserver.certificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef" ` +
				"is no ACM certificate of region us-west-1 and account 111122223333"},
		{in("runs", values{"spotWeight": 0}), "dagster:runs.spotWeight: 0 and onDemandWeight 0 leave no capacity: one must be above 0"},
		{in("runs", values{"startTimeoutSeconds": 30}), "dagster:runs.startTimeoutSeconds: 30: too small; 180 to 3600 is allowed"},
		{in("runs", values{"maxRuntimeSeconds": -1}), "dagster:runs.maxRuntimeSeconds: -1 is below 0"},
		{in("runs", values{"maxRetries": 11}), "dagster:runs.maxRetries: 11: too large; 0 to 10 is allowed"},
		{in("runs", values{"tagLimits": []values{{"limit": 1}}}), "dagster:runs.tagLimits[0].key: is required"},
		{in("runs", values{"tagLimits": []values{{"key": "a", "value": "b", "perValue": true, "limit": 1}}}),
			`dagster:runs.tagLimits[0].perValue: true contradicts value "b"`},
		{in("runs", values{"tagLimits": []values{{"key": "a", "limit": 1}, {"key": "b", "limit": 6}}}),
			"dagster:runs.tagLimits[1].limit: 6: too large; 0 to 5 is allowed"},
		{in("runs", values{"tagLimits": []values{{"key": "a", "max": 1}}}),
			"dagster:runs.tagLimits[0].max: is no setting; there are key, limit, perValue, value"},
	})
	refused(t, ProfileProd, []refusal{
		{in("webserver", values{}), "dagster:webserver.certificateArn: is required with profile prod"},
	})
}

func TestRefusalsOfNumbersThatDoNotFitEachOther(t *testing.T) {
	refused(t, ProfileDev, []refusal{
		{in("database", values{"instanceClass": "db.t4g.micro"}), "dagster:database.instanceClass: db.t4g.micro allows 101 connections, " +
			"but webserver.maxInstances 1 and runs.maxConcurrent 5 may open 193"},
		{in("database", values{"instanceClass": "large"}), `dagster:database.instanceClass: "large" is no instance class such as db.t4g.small`},
		{in("runs", values{"maxConcurrent": 6}), "dagster:database.instanceClass: db.t4g.small allows 202 connections, " +
			"but webserver.maxInstances 1 and runs.maxConcurrent 6 may open 203"},
		{values{"dagster:database": values{"instanceClass": "db.r6g.4xlarge"}, "dagster:network": values{"cidr": "10.0.0.0/22"},
			"dagster:runs": values{"maxConcurrent": 484}},
			"dagster:network.cidr: 10.0.0.0/22 has 502 addresses for tasks, but 503 may be needed with runs.maxConcurrent 484"},
	})
}

func TestRefusalsOfVariables(t *testing.T) {
	secret := ": looks like a secret: it belongs into dagster:secrets"
	refused(t, ProfileDev, []refusal{
		{in("environment", values{"DAGSTER_HOME": "/"}), "dagster:environment.DAGSTER_HOME: begins with DAGSTER_: such variables are managed by the program"},
		{in("environment", values{"AWS_REGION": "x"}), "dagster:environment.AWS_REGION: begins with AWS_: such variables are managed by the program"},
		{in("environment", values{"PGSSLMODE": "off"}), "dagster:environment.PGSSLMODE: begins with PG: such variables are managed by the program"},
		{in("environment", values{"1A": "x"}), "dagster:environment.1A: is no name of an environment variable (letters, digits and underscores)"},
		{in("environment", values{"WAREHOUSE_PASSWORD": "x"}),
			"dagster:environment.WAREHOUSE_PASSWORD: is named like a secret: it belongs into dagster:secrets"},
		{in("environment", values{"WAREHOUSE": "postgresql://me:pass@example.com/x"}), "dagster:environment.WAREHOUSE" + secret},
		{in("environment", values{"KEY_ID": "AKIA" + strings.Repeat("A", 16)}), "dagster:environment.KEY_ID" + secret},
		{in("environment", values{"PEM": "-----BEGIN RSA PRIVATE KEY-----"}), "dagster:environment.PEM" + secret},
		{in("environment", values{"PORT": 80}), "dagster:environment.PORT: 80 is no text"},
		{in("secrets", values{"API_TOKEN": "x"}),
			"dagster:secrets: is plain text: set each with pulumi config set --secret --path 'dagster:secrets.NAME'"},
	})
	given := least(ProfileDev).with(in("environment", values{"TOKENIZER_HOST": "https://a@example.com:80/x:y@z", "SECRETARY": "Ann"}))
	if _, err := Parse(given.source(), "dev"); err != nil {
		t.Errorf("harmless variables are refused: %v", err)
	}
}

func TestOnlySecretsMayBeEncrypted(t *testing.T) {
	given := least(ProfileDev).with(in("environment", values{"A": "hunter2"}))
	_, err := Parse(given.source("dagster:environment"), "dev")
	if want := "dagster:environment: is stored encrypted, which only dagster:secrets can be"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSameNameInEnvironmentAndSecretsIsRefused(t *testing.T) {
	given := least(ProfileDev).with(values{"dagster:environment": values{"HOOK": "a"}, "dagster:secrets": values{"HOOK": "b"}})
	_, err := Parse(given.source("dagster:secrets"), "dev")
	if want := "dagster:secrets.HOOK: is in dagster:environment as well"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
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

func TestAcceptedForms(t *testing.T) {
	for _, given := range []values{
		{"dagster:image": "example.com:5000/team/asset-manager:1.0.0"},
		{"dagster:image": "asset_manager@sha256:" + strings.Repeat("0a", 32)},
		{"dagster:image": "asset-manager:1@sha256:" + strings.Repeat("0a", 32)},
		in("network", values{"vpcId": vpc, "privateSubnetIds": []string{subnetA, subnetB}, "databaseSubnetIds": []string{subnetA, subnetB}}),
		in("network", values{"nat": "none", "zones": 3, "cidr": "192.168.0.0/20"}),
		in("database", values{"connection": values{"host": "127.0.0.1", "port": 15432}}),
		in("database", values{"connection": values{"host": "::1"}}),
		in("webserver", values{"access": "internet-facing", "certificateArn": certificate, "allowedCidrs": []string{"198.51.100.0/24"}}),
		in("webserver", values{"allowedCidrs": []string{"0.0.0.0/0"}}),
		{"aws:profile": "mine"},
	} {
		if _, err := Parse(least(ProfileDev).with(given).source(), "one"); err != nil {
			t.Errorf("%v: %v", given, err)
		}
	}
}
