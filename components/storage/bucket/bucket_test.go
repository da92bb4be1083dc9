package bucket

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/internal/pulumitest"
)

const (
	bucketType      = "aws:s3/bucketV2:BucketV2"
	policyType      = "aws:s3/bucketPolicy:BucketPolicy"
	blockType       = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	versioningType  = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	encryptionType  = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	lifecycleType   = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	replicationType = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
	loggingType     = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	accelerateType  = "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2"
	keyType         = "aws:kms/key:Key"
	rolePolicyType  = "aws:iam/rolePolicy:RolePolicy"
	readerType      = "aws:test/reader:Reader"
)

var (
	here  = component.Location{Partition: "aws", Region: pulumitest.Region, Account: pulumitest.Account}
	there = component.Location{Partition: "aws", Region: "us-west-2", Account: pulumitest.Account}
)

func args(change func(*Args)) *Args {
	a := &Args{
		Location: here, Name: "asset-manager-dev-111122223333", NamePrefix: "asset-manager-dev",
		Lifecycle: []Rule{{Prefix: "dagster/compute-logs/", ExpireDays: 90, OldVersionDays: 1}, {Prefix: "dagster/io/", TierDays: 30}},
	}
	if change != nil {
		change(a)
	}
	return a
}

// record builds the bucket, with the provider of a second region, and something that reads its name.
func record(t *testing.T, change func(a *Args, elsewhere pulumi.ProviderResource), options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	return pulumitest.Record(t, func(ctx *pulumi.Context) error {
		elsewhere, err := aws.NewProvider(ctx, "there", &aws.ProviderArgs{Region: pulumi.String(there.Region)})
		if err != nil {
			return err
		}
		bucket, err := New(ctx, "data", args(func(a *Args) {
			if change != nil {
				change(a, elsewhere)
			}
		}))
		if err != nil {
			return err
		}
		return ctx.RegisterResource(readerType, "reader", pulumi.Map{"name": bucket.Name}, &pulumi.CustomResourceState{})
	}, options...)
}

// production replicates and protects.
func production(a *Args, elsewhere pulumi.ProviderResource) {
	a.Replica = &Replica{Location: there, Provider: elsewhere}
	a.Keep = component.Keep{Protect: true}
}

type policy struct {
	Statement []struct {
		Sid       string
		Effect    string
		Principal any
		Action    []string
		Resource  []string
		Condition map[string]map[string]any
	}
}

// good is what the refusals start from.
func good(*testing.T) *Args { return args(nil) }

func is(flag *bool, want bool) bool { return flag != nil && *flag == want }

func TestEverythingDescendsFromTheComponent(t *testing.T) {
	r := record(t, production)
	for _, each := range r.All() {
		if each.Type == TypeToken || each.Name == "reader" || each.Name == "there" {
			continue
		}
		if each.Parent != "data" || !strings.HasPrefix(each.Name, "data-") {
			t.Errorf("%s %s has parent %q", each.Type, each.Name, each.Parent)
		}
	}
}

func TestEachBucketIsClosedVersionedAndEncrypted(t *testing.T) {
	r := record(t, production)
	if got := r.Names(bucketType); !slices.Equal(got, []string{"data-data", "data-logs", "data-replica", "data-replica-logs"}) {
		t.Fatalf("got buckets %v", got)
	}
	for _, name := range r.Names(bucketType) {
		for _, input := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			if r.One(t, blockType, name+"-public-access").Input(input) != true {
				t.Errorf("%s: %s is off", name, input)
			}
		}
		if got := r.One(t, versioningType, name+"-versioning").Input("versioningConfiguration").(map[string]any); got["status"] != "Enabled" {
			t.Errorf("%s keeps no versions: %v", name, got)
		}
		rule := r.One(t, encryptionType, name+"-encryption").Input("rules").([]any)[0].(map[string]any)
		algorithm := rule["applyServerSideEncryptionByDefault"].(map[string]any)
		want := map[string]any{"data-data": "data-data-key", "data-replica": "data-replica-key"}[name]
		if want == nil && algorithm["sseAlgorithm"] != "AES256" {
			t.Errorf("%s: S3 cannot deliver logs under %v", name, algorithm)
		}
		if want != nil && (!strings.HasSuffix(algorithm["kmsMasterKeyId"].(string), want.(string)) || rule["bucketKeyEnabled"] != true) {
			t.Errorf("%s: encrypted with %v", name, algorithm)
		}
		bucket := r.One(t, bucketType, name)
		for _, inline := range []string{"versionings", "policy", "lifecycleRules", "serverSideEncryptionConfigurations", "acl"} {
			if bucket.Input(inline) != nil {
				t.Errorf("%s has %s inline, which fights the resource beside it", name, inline)
			}
		}
	}
}

func TestPolicyRefusesPlainHttpAndOtherKeys(t *testing.T) {
	r := record(t, nil)
	var p policy
	r.One(t, policyType, "data-data-policy").Document(t, "policy", &p)
	conditions := map[string]map[string]map[string]any{}
	for _, statement := range p.Statement {
		if statement.Effect != "Deny" {
			t.Errorf("%s lets somebody in", statement.Sid)
		}
		conditions[statement.Sid] = statement.Condition
	}
	if conditions["TlsOnly"]["Bool"]["aws:SecureTransport"] != "false" {
		t.Errorf("plain HTTP is not refused: %v", conditions)
	}
	header := "s3:x-amz-server-side-encryption-aws-kms-key-id"
	own := conditions["OwnKeyOnly"]
	if own["StringNotEquals"][header] != "arn:aws:kms:us-west-1:111122223333:key/data-data-key" || own["Null"][header] != "false" {
		t.Errorf("other keys are not refused, or requests without a key are: %v", own)
	}
}

func TestOnlyS3AndLoadBalancersWriteLogsEachForItsOwnSources(t *testing.T) {
	r := record(t, func(a *Args, elsewhere pulumi.ProviderResource) {
		production(a, elsewhere)
		a.Logged = []string{"asset-manager-dev-trail"}
	})
	const name = "asset-manager-dev-111122223333"
	type allowance struct{ service, object, sources string }
	for bucket, want := range map[string][]allowance{
		"data-logs": {
			{"logging.s3.amazonaws.com", name + "-logs/access/*", "[arn:aws:s3:::" + name + " arn:aws:s3:::asset-manager-dev-trail]"},
			{
				"logdelivery.elasticloadbalancing.amazonaws.com", name + "-logs/balancer/AWSLogs/111122223333/*",
				"arn:aws:elasticloadbalancing:us-west-1:111122223333:loadbalancer/*",
			},
		},
		"data-replica-logs": {{"logging.s3.amazonaws.com", name + "-logs-2/access/*", "[arn:aws:s3:::" + name + "-replica]"}},
	} {
		var p policy
		r.One(t, policyType, bucket+"-policy").Document(t, "policy", &p)
		var got []allowance
		for _, statement := range p.Statement {
			if statement.Effect == "Allow" {
				service := statement.Principal.(map[string]any)["Service"].([]any)[0].(string)
				object := strings.TrimPrefix(statement.Resource[0], "arn:aws:s3:::")
				got = append(got, allowance{service, object, fmt.Sprint(statement.Condition["ArnLike"]["aws:SourceArn"])})
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lets in %v, want %v", bucket, got, want)
		}
	}
}

func TestAccessesToEachBucketButThoseOfLogsAreRecordedInItsRegion(t *testing.T) {
	r := record(t, production)
	for name, target := range map[string]string{"data-data": "-logs", "data-replica": "-logs-2"} {
		logging := r.One(t, loggingType, name+"-logging")
		if got := logging.Input("targetBucket"); got != "asset-manager-dev-111122223333"+target || logging.Input("targetPrefix") != "access/" {
			t.Errorf("accesses to %s are recorded in %v", name, got)
		}
		if first := strings.Replace(target, "-logs-2", "-replica-logs", 1); !slices.Contains(logging.Dependencies, "data"+first+"-policy") {
			t.Errorf("%s does not wait until S3 may write: %v", name, logging.Dependencies)
		}
	}
}

func TestLifecycleByPrefix(t *testing.T) {
	r := record(t, func(a *Args, _ pulumi.ProviderResource) { a.OldVersionDays = 14 })
	rules := r.One(t, lifecycleType, "data-data-lifecycle").Input("rules").([]any)
	byID := map[any]map[string]any{}
	for _, each := range rules {
		rule := each.(map[string]any)
		byID[rule["id"]] = rule
	}
	if len(byID) != 3 {
		t.Fatalf("got rules %v", byID)
	}
	if got := byID["old-versions"]["noncurrentVersionExpiration"].(map[string]any)["noncurrentDays"]; got != 14.0 {
		t.Errorf("old versions stay %v days", got)
	}
	if got := byID["dagster-compute-logs"]["noncurrentVersionExpiration"].(map[string]any)["noncurrentDays"]; got != 1.0 {
		t.Errorf("old versions of compute logs stay %v days", got)
	}
	if byID["dagster-io"]["noncurrentVersionExpiration"] != nil {
		t.Error("old versions of artifacts go before those of the bucket")
	}
	if byID["old-versions"]["expiration"] != nil {
		t.Error("current objects expire")
	}
	if got := byID["dagster-compute-logs"]["expiration"].(map[string]any)["days"]; got != 90.0 {
		t.Errorf("compute logs stay %v days", got)
	}
	if byID["dagster-io"]["expiration"] != nil || byID["dagster-io"]["transitions"] == nil {
		t.Errorf("artifacts: %v", byID["dagster-io"])
	}
}

func TestDefaultHasNoCopyNoAccelerationNoProtection(t *testing.T) {
	r := record(t, nil)
	for _, absent := range []string{replicationType, accelerateType, rolePolicyType, "aws:iam/role:Role"} {
		if got := r.Names(absent); len(got) != 0 {
			t.Errorf("%s: %v", absent, got)
		}
	}
	for _, each := range append(r.Of(bucketType), r.Of(keyType)...) {
		if !is(each.Protect, false) || !is(each.Retain, false) {
			t.Errorf("%s: protect and retain are not said explicitly", each.Name)
		}
	}
}

func TestForceDestroyEmptiesEveryBucket(t *testing.T) {
	r := record(t, func(a *Args, _ pulumi.ProviderResource) { a.ForceDestroy, a.Accelerate = true, true })
	for _, bucket := range r.Of(bucketType) {
		if bucket.Input("forceDestroy") != true {
			t.Errorf("%s stays behind", bucket.Name)
		}
	}
	if got := r.One(t, accelerateType, "data-data-acceleration").Input("status"); got != "Enabled" {
		t.Errorf("acceleration is %v", got)
	}
}

func TestCopyLiesInTheSecondRegionUnderItsOwnKey(t *testing.T) {
	r := record(t, production)
	for _, each := range r.All() {
		ofCopy := each.Name == "data-replica" || strings.HasPrefix(each.Name, "data-replica-")
		if each.Name != "there" && ofCopy != (each.Provider == "there") {
			t.Errorf("%s %s goes through provider %q", each.Type, each.Name, each.Provider)
		}
	}
	replication := r.One(t, replicationType, "data-replication")
	for _, first := range []string{"data-data-versioning", "data-replica-versioning", "data-replication-policy"} {
		if !slices.Contains(replication.Dependencies, first) {
			t.Errorf("replication does not wait for %s: %v", first, replication.Dependencies)
		}
	}
	rule := replication.Input("rules").([]any)[0].(map[string]any)
	destination := rule["destination"].(map[string]any)
	if destination["bucket"] != "arn:aws:s3:::asset-manager-dev-111122223333-replica" ||
		!strings.HasSuffix(destination["encryptionConfiguration"].(map[string]any)["replicaKmsKeyId"].(string), "data-replica-key") {
		t.Errorf("copies go to %v", destination)
	}
	for _, each := range append(r.Of(bucketType), r.Of(keyType)...) {
		if !is(each.Protect, true) {
			t.Errorf("%s is not protected", each.Name)
		}
	}
}

func TestReplicationRoleReadsHereAndWritesThere(t *testing.T) {
	r := record(t, production)
	var p policy
	r.One(t, rolePolicyType, "data-replication-policy").Document(t, "policy", &p)
	for _, statement := range p.Statement {
		for _, arn := range statement.Resource {
			writes := strings.Contains(strings.Join(statement.Action, " "), "Replicate")
			if writes != strings.Contains(arn, "-replica/") {
				t.Errorf("%s: %v on %s", statement.Sid, statement.Action, arn)
			}
			if arn == "*" {
				t.Errorf("%s is for every resource", statement.Sid)
			}
		}
	}
}

func TestNameIsGivenOutWhenEncryptionAndPolicyAreThere(t *testing.T) {
	reader := record(t, nil).One(t, readerType, "reader")
	if got := reader.Input("name"); got != "asset-manager-dev-111122223333" {
		t.Errorf("got name %v", got)
	}
	for _, first := range []string{"data-data-encryption", "data-data-policy"} {
		if !slices.Contains(reader.Dependencies, first) {
			t.Errorf("a writer does not wait for %s: %v", first, reader.Dependencies)
		}
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	record(t, production, pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, New, good, map[string]func(*Args){
		"Location.":               func(a *Args) { *a = Args{} },
		"NamePrefix: is required": func(a *Args) { *a = Args{} },
		"Name: is required":       func(a *Args) { *a = Args{} },
		"Name: \"my.bucket\"":     func(a *Args) { a.Name = "my.bucket" },
		"3 to 55":                 func(a *Args) { a.Name = strings.Repeat("a", 56) },
		"Lifecycle[1].Prefix: \"dagster/compute-logs/\" is there twice": func(a *Args) { a.Lifecycle[1].Prefix = a.Lifecycle[0].Prefix },
		"Lifecycle[1].TierDays: 7":                                      func(a *Args) { a.Lifecycle[1].TierDays = 7 },
		"Lifecycle[0].ExpireDays: the rule does nothing":                func(a *Args) { a.Lifecycle[0] = Rule{Prefix: "dagster/compute-logs/"} },
		"Lifecycle[0].OldVersionDays: -1":                               func(a *Args) { a.Lifecycle[0].OldVersionDays = -1 },
		"Lifecycle[1].ExpireDays: 40":                                   func(a *Args) { a.Lifecycle[1].ExpireDays = 40 },
		"ForceDestroy: a protected":                                     func(a *Args) { a.ForceDestroy, a.Keep.Protect = true, true },
		"Replica.Location.Region: ":                                     func(a *Args) { a.Replica = &Replica{Location: here} },
		"Replica.Provider: is required":                                 func(a *Args) { a.Replica = &Replica{Location: here} },
	})
}
