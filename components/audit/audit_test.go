package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/audit"
	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/internal/pulumitest"
)

const (
	trailType  = "aws:cloudtrail/trail:Trail"
	bucketType = "aws:s3/bucketV2:BucketV2"
	keyType    = "aws:kms/key:Key"
	trail      = "arn:aws:cloudtrail:us-west-1:111122223333:trail/asset-manager-dev"
)

func args(t *testing.T) *audit.Args {
	platform := workloadtest.Platform(t)
	return &audit.Args{
		Names: platform.Names, Location: platform.Location, BucketName: "data-trail", AccessLogs: pulumi.String("data-logs"),
		Log:     logs.Group{Name: pulumi.String("asset-manager/trail"), Arn: pulumi.String("arn:aws:logs:us-west-1:111122223333:log-group:trail")},
		Objects: []string{"data", "data-replica"}, RetentionDays: 365, Keep: component.Keep{Protect: true},
	}
}

func record(t *testing.T, args *audit.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, audit.New, "audit", args, options...)
	return recorder
}

type policy struct {
	Statement []struct {
		Sid, Effect      string
		Principal        map[string][]string
		Action, Resource []string
		Condition        map[string]map[string]any
	}
}

func TestTheTrailTakesAllRegionsSignsAndEncrypts(t *testing.T) {
	made := record(t, args(t)).One(t, trailType, "audit-trail")
	for input, want := range map[string]any{
		"name": "asset-manager-dev", "isMultiRegionTrail": true, "includeGlobalServiceEvents": true, "enableLogFileValidation": true,
		"kmsKeyId": "arn:aws:kms:us-west-1:111122223333:key/audit-key", "s3BucketName": "data-trail",
		"cloudWatchLogsGroupArn": "arn:aws:logs:us-west-1:111122223333:log-group:trail:*",
	} {
		if got := made.Input(input); got != want {
			t.Errorf("%s is %v, want %v", input, got, want)
		}
	}
	for _, first := range []string{"audit-bucket-policy", "audit-trail-policy"} {
		if !slices.Contains(made.Dependencies, first) {
			t.Errorf("the trail does not wait for %s, which CloudTrail tries: %v", first, made.Dependencies)
		}
	}
}

func TestTheTrailTakesManagementEventsAndTheObjectsOfTheBuckets(t *testing.T) {
	var got []string
	for _, selector := range record(t, args(t)).One(t, trailType, "audit-trail").Input("advancedEventSelectors").([]any) {
		for _, each := range selector.(map[string]any)["fieldSelectors"].([]any) {
			field := each.(map[string]any)
			got = append(got, fmt.Sprintf("%v %v %v", field["field"], field["equals"], field["startsWiths"]))
		}
	}
	want := []string{
		"eventCategory [Management] <nil>", "eventCategory [Data] <nil>", "resources.type [AWS::S3::Object] <nil>",
		"resources.ARN <nil> [arn:aws:s3:::data/ arn:aws:s3:::data-replica/]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOnlyThisTrailIsLetIntoTheBucketAndTheKey(t *testing.T) {
	r := record(t, args(t))
	allowed := map[string]string{}
	for _, document := range []struct{ token, name string }{{"aws:s3/bucketPolicy:BucketPolicy", "audit-bucket-policy"}, {keyType, "audit-key"}} {
		var p policy
		r.One(t, document.token, document.name).Document(t, "policy", &p)
		for _, statement := range p.Statement {
			if len(statement.Principal["Service"]) == 0 {
				continue
			}
			if statement.Condition["StringEquals"]["aws:SourceArn"] != trail || statement.Principal["Service"][0] != "cloudtrail.amazonaws.com" {
				t.Errorf("%s lets in %v with %v", statement.Sid, statement.Principal, statement.Condition)
			}
			allowed[strings.Join(statement.Action, " ")] = statement.Resource[0]
		}
	}
	want := map[string]string{
		"s3:GetBucketAcl": "arn:aws:s3:::data-trail", "s3:PutObject": "arn:aws:s3:::data-trail/AWSLogs/111122223333/*",
		"kms:GenerateDataKey*": "*", "kms:DescribeKey": "*",
	}
	if fmt.Sprint(allowed) != fmt.Sprint(want) {
		t.Errorf("CloudTrail may %v, want %v", allowed, want)
	}
}

func TestFilesAreLockedForAsLongAsTheyAreKeptAndDigestsCanBeWritten(t *testing.T) {
	r := record(t, args(t))
	if r.One(t, bucketType, "audit-bucket").Input("objectLockEnabled") != true {
		t.Error("the bucket is made without a lock")
	}
	lock := r.One(t, "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", "audit-bucket-lock")
	if got := fmt.Sprint(lock.Input("rule")); got != "map[defaultRetention:map[days:365 mode:GOVERNANCE]]" {
		t.Errorf("files are locked by %s", got)
	}
	lifecycle := r.One(t, "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "audit-bucket-lifecycle")
	if got := fmt.Sprint(lifecycle.Input("rules")); !strings.Contains(got, "expiration:map[days:365] filter:map[prefix:AWSLogs/]") {
		t.Errorf("files are kept by %s", got)
	}
	const encryption = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	if got := fmt.Sprint(r.One(t, encryption, "audit-bucket-encryption").Input("rules")); !strings.Contains(got, "sseAlgorithm:AES256") {
		t.Errorf("digest files, which CloudTrail writes under S3's keys, meet %s", got)
	}
	logging := r.One(t, "aws:s3/bucketLoggingV2:BucketLoggingV2", "audit-bucket-logging")
	if logging.Input("targetBucket") != "data-logs" || logging.Input("targetPrefix") != "access/trail/" {
		t.Errorf("accesses are recorded by %v", logging.Inputs)
	}
}

func TestTheRoleWritesToItsStreamAlone(t *testing.T) {
	var p policy
	record(t, args(t)).One(t, "aws:iam/rolePolicy:RolePolicy", "audit-trail-policy").Document(t, "policy", &p)
	want := "[[logs:CreateLogStream logs:PutLogEvents] [arn:aws:logs:us-west-1:111122223333:log-group:trail:log-stream:111122223333_CloudTrail_us-west-1*]]"
	if len(p.Statement) != 1 || fmt.Sprint([]any{p.Statement[0].Action, p.Statement[0].Resource}) != want {
		t.Errorf("got %+v, want %s", p.Statement, want)
	}
}

func TestBucketAndKeyAreHeldOnToOrEmptied(t *testing.T) {
	a := args(t)
	a.Keep, a.ForceDestroy = component.Keep{}, true
	for _, r := range []*pulumitest.Recorder{record(t, args(t)), record(t, a)} {
		bucket, key := r.One(t, bucketType, "audit-bucket"), r.One(t, keyType, "audit-key")
		if *bucket.Protect == (bucket.Input("forceDestroy") == true) || *key.Protect != *bucket.Protect {
			t.Errorf("protected: bucket %t, key %t; emptied: %v", *bucket.Protect, *key.Protect, bucket.Input("forceDestroy"))
		}
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	pulumitest.Refused(t, audit.New, args, map[string]func(*audit.Args){
		"Names: is required":        func(a *audit.Args) { *a = audit.Args{} },
		"BucketName: is required":   func(a *audit.Args) { a.BucketName = "" },
		"AccessLogs: is required":   func(a *audit.Args) { a.AccessLogs = nil },
		"Log.Arn: is required":      func(a *audit.Args) { a.Log.Arn = nil },
		"Objects: is required":      func(a *audit.Args) { a.Objects = nil },
		"RetentionDays: 0":          func(a *audit.Args) { a.RetentionDays = 0 },
		"RetentionDays: 3651":       func(a *audit.Args) { a.RetentionDays = 3651 },
		"ForceDestroy: a protected": func(a *audit.Args) { a.ForceDestroy = true },
	})
}
