package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

var update = flag.Bool("update", false, "write the golden file instead of comparing with it")

// healthy is a whole answer.
const healthy = `{"data": {
	"queued": {"__typename": "Runs", "count": 1, "results": [{"creationTime": 1000, "updateTime": 1010}]},
	"starting": {"__typename": "Runs", "count": 1, "results": [{"creationTime": 900, "updateTime": 990}]},
	"started": {"__typename": "Runs", "count": 2, "results": [{"creationTime": 1, "startTime": 940}, {"creationTime": 1, "startTime": 930}]},
	"failed": {"__typename": "Runs", "count": 1}, "succeeded": {"__typename": "Runs", "count": 3},
	"instance": {"daemonHealth": {"allDaemonStatuses": [
		{"daemonType": "SENSOR", "required": true, "lastHeartbeatTime": 1020},
		{"daemonType": "BACKFILL", "required": true, "lastHeartbeatTime": 1025},
		{"daemonType": "MONITORING", "required": false, "lastHeartbeatTime": null}]}},
	"workspaceOrError": {"__typename": "Workspace", "locationEntries": [
		{"name": "good", "locationOrLoadError": {"__typename": "RepositoryLocation"}},
		{"name": "loading", "locationOrLoadError": null},
		{"name": "broken", "locationOrLoadError": {"__typename": "PythonError"}}]},
	"partitionBackfillsOrError": {"__typename": "PartitionBackfills", "results": [
		{"id": "stuck", "unfinishedRuns": []}, {"id": "works", "unfinishedRuns": [{"id": "1"}]}]}}}`

var moment = time.Unix(1030, 0)

// bucketOfTests is a bucket with one object.
type bucketOfTests struct {
	object string
	// fails is the call that is refused, other the text that is read in place of the written one.
	fails, other string
	calls        []string
}

func (b *bucketOfTests) call(name string, bucket, key *string) error {
	b.calls = append(b.calls, name+" "+*bucket+"/"+*key)
	if name == b.fails {
		return errors.New("AccessDenied")
	}
	return nil
}

func (b *bucketOfTests) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	text, err := io.ReadAll(in.Body)
	b.object = string(text)
	return &s3.PutObjectOutput{}, errors.Join(err, b.call("put", in.Bucket, in.Key))
}

func (b *bucketOfTests) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if b.other != "" {
		b.object = b.other
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(b.object))}, b.call("get", in.Bucket, in.Key)
}

func (b *bucketOfTests) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	return &s3.DeleteObjectOutput{}, b.call("delete", in.Bucket, in.Key)
}

// lookOnce gives what one look prints.
func lookOnce(t *testing.T, c *client, objects objects, now time.Time) map[string]any {
	t.Helper()
	var out bytes.Buffer
	m := monitor{
		namespace: "Dagster/asset-manager-dev", dagster: c, bucket: probe{objects: objects, bucket: "bucket", key: "dagster/monitor/probe"},
		patience: 30 * time.Minute, now: func() time.Time { return now }, out: &out,
	}
	if _, err := m.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	var printed map[string]any
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Fatalf("not one line of JSON: %v: %s", err, out.String())
	}
	return printed
}

// answering is a webserver with fixed answers by the name of the operation, which remembers what it was asked.
func answering(t *testing.T, serve func(http.Handler) *httptest.Server, status int, answers ...string) (*client, *[]string) {
	t.Helper()
	asked := &[]string{}
	server := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*asked = append(*asked, r.URL.Path+" "+string(body))
		w.WriteHeader(status)
		fmt.Fprint(w, answers[min(len(*asked), len(answers))-1])
	}))
	t.Cleanup(server.Close)
	return newClient(server.URL, ""), asked
}

func TestOneLineHoldsAllMetrics(t *testing.T) {
	c, _ := answering(t, httptest.NewTLSServer, http.StatusOK, healthy)
	printed := lookOnce(t, c, &bucketOfTests{}, moment)
	// how long the certificate of tests is valid is Go's to say
	if days, _ := printed["CertificateDays"].(float64); days < 365 {
		t.Errorf("CertificateDays is %v", printed["CertificateDays"])
	}
	printed["CertificateDays"] = 1000
	text, err := json.MarshalIndent(printed, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/line.json"
	if *update {
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(text)+"\n" {
		t.Errorf("%s changed (run the test with -update to accept it): %s", path, text)
	}
}

func TestEachDeclaredMetricIsANumberOfTheLine(t *testing.T) {
	c, _ := answering(t, httptest.NewTLSServer, http.StatusOK, healthy)
	printed := lookOnce(t, c, &bucketOfTests{}, moment)
	declared := declared(t, printed)
	if len(declared) < 14 {
		t.Errorf("only %v are declared", declared)
	}
	for _, name := range declared {
		if _, number := printed[name].(float64); !number {
			t.Errorf("%s is %v", name, printed[name])
		}
	}
}

// declared are the names of the metrics that CloudWatch makes of a line.
func declared(t *testing.T, printed map[string]any) []string {
	t.Helper()
	text, err := json.Marshal(printed["_aws"])
	if err != nil {
		t.Fatal(err)
	}
	var aws struct {
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []metric
		}
	}
	if err := json.Unmarshal(text, &aws); err != nil || len(aws.CloudWatchMetrics) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	var names []string
	for _, each := range aws.CloudWatchMetrics[0].Metrics {
		names = append(names, each.Name)
	}
	return names
}

func TestWhatDoesNotAnswerLeavesNoNumbersThatLookHealthy(t *testing.T) {
	for name, each := range map[string]struct {
		status int
		answer string
		words  string
	}{
		"an error of GraphQL": {http.StatusOK, `{"data": null, "errors": [{"message": "no such table: runs"}]}`, "no such table"},
		"a page":              {http.StatusOK, `<html>`, "none of GraphQL"},
		"the balancer's":      {http.StatusServiceUnavailable, `<h1>503</h1>`, "503 Service Unavailable"},
		"an error in a part":  {http.StatusOK, strings.Replace(healthy, `"__typename": "Workspace"`, `"__typename": "PythonError", "message": "it broke"`, 1), "PythonError: it broke"},
		"runs that cannot be counted": {http.StatusOK, strings.Replace(healthy, `{"__typename": "Runs", "count": 3}`,
			`{"__typename": "PythonError", "message": "it broke"}`, 1), "succeeded runs: PythonError"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := answering(t, httptest.NewServer, each.status, each.answer)
			printed := lookOnce(t, c, &bucketOfTests{}, moment)
			if got := declared(t, printed); !slices.Equal(got, []string{"WebserverAnswers", "BucketAnswers"}) {
				t.Errorf("metrics are %v", got)
			}
			if printed["WebserverAnswers"] != 0.0 || !strings.Contains(fmt.Sprint(printed["problems"]), each.words) {
				t.Errorf("got %v", printed)
			}
		})
	}
}

func TestAWebserverThatIsNotThereIsAMetricToo(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	printed := lookOnce(t, newClient(server.URL, ""), &bucketOfTests{}, moment)
	if printed["WebserverAnswers"] != 0.0 || printed["BucketAnswers"] != 1.0 {
		t.Errorf("got %v", printed)
	}
}

func TestAnExpiredCertificateIsToldAndHidesNothing(t *testing.T) {
	c, _ := answering(t, httptest.NewTLSServer, http.StatusOK, healthy)
	printed := lookOnce(t, c, &bucketOfTests{}, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
	if days, _ := printed["CertificateDays"].(float64); days >= 0 || printed["WebserverAnswers"] != 1.0 {
		t.Errorf("got %v", printed)
	}
}

func TestOldRunsOfALongQueueAreLookedFor(t *testing.T) {
	long := strings.Replace(healthy, `"count": 1, "results": [{"creationTime": 1000`, `"count": 2, "results": [{"creationTime": 1000`, 1)
	older := `{"data": {"runsOrError": {"__typename": "Runs", "count": 1, "results": [{"creationTime": 500, "updateTime": 1010}]}}}`
	c, asked := answering(t, httptest.NewServer, http.StatusOK, long, older)
	printed := lookOnce(t, c, &bucketOfTests{}, moment)
	if printed["RunsQueued"] != 2.0 || printed["OldestQueuedAge"] != 530.0 {
		t.Errorf("got %v queued, the first for %v seconds", printed["RunsQueued"], printed["OldestQueuedAge"])
	}
	if len(*asked) != 2 || !strings.Contains((*asked)[1], `"variables":{"before":1000,"page":100,"status":"QUEUED"}`) {
		t.Errorf("asked %q", *asked)
	}
}

func TestAnEndlessQueueIsNotFollowedToItsEnd(t *testing.T) {
	long := strings.Replace(healthy, `"count": 1, "results": [{"creationTime": 1000`, `"count": 9999, "results": [{"creationTime": 1000`, 1)
	older := `{"data": {"runsOrError": {"__typename": "Runs", "count": 9999, "results": [{"creationTime": 500}]}}}`
	c, asked := answering(t, httptest.NewServer, http.StatusOK, long, older)
	lookOnce(t, c, &bucketOfTests{}, moment)
	if len(*asked) != 1+mostPages {
		t.Errorf("asked %d times", len(*asked))
	}
}

func TestBucketIsWrittenReadAndLeftClean(t *testing.T) {
	c, _ := answering(t, httptest.NewServer, http.StatusOK, healthy)
	bucket := &bucketOfTests{}
	if printed := lookOnce(t, c, bucket, moment); printed["BucketAnswers"] != 1.0 {
		t.Errorf("got %v", printed)
	}
	const object = " bucket/dagster/monitor/probe"
	if !slices.Equal(bucket.calls, []string{"put" + object, "get" + object, "delete" + object}) {
		t.Errorf("called %v", bucket.calls)
	}
}

func TestEachRefusalOfTheBucketIsToldWithItsStep(t *testing.T) {
	for _, each := range []struct {
		bucket bucketOfTests
		words  string
	}{
		{bucketOfTests{fails: "put"}, "write dagster/monitor/probe: AccessDenied"},
		{bucketOfTests{fails: "get"}, "read dagster/monitor/probe: AccessDenied"},
		{bucketOfTests{fails: "delete"}, "delete dagster/monitor/probe: AccessDenied"},
		{bucketOfTests{other: "another"}, `it holds "another"`},
	} {
		c, _ := answering(t, httptest.NewServer, http.StatusOK, healthy)
		printed := lookOnce(t, c, &each.bucket, moment)
		if printed["BucketAnswers"] != 0.0 || printed["WebserverAnswers"] != 1.0 || !strings.Contains(fmt.Sprint(printed["problems"]), each.words) {
			t.Errorf("%s: got %v", each.words, printed)
		}
	}
}

func TestSettingsThatAreMissingAreAllNamed(t *testing.T) {
	_, err := read(func(name string) string { return map[string]string{"NAMESPACE": "n", "BUCKET": "b"}[name] })
	if err == nil || !strings.Contains(err.Error(), `["DAGSTER_URL" "PREFIX" "BACKFILL_PATIENCE"]`) {
		t.Errorf("got %v", err)
	}
	patience := "30m"
	variable := func(name string) string {
		if name == "BACKFILL_PATIENCE" {
			return patience
		}
		return strings.ToLower(name)
	}
	got, err := read(variable)
	if want := (settings{
		namespace: "namespace", url: "dagster_url", host: "dagster_host", bucket: "bucket", prefix: "prefix", patience: 30 * time.Minute,
	}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	patience = "long"
	if _, err := read(variable); err == nil || !strings.Contains(err.Error(), "BACKFILL_PATIENCE") {
		t.Errorf("a patience that is no duration: %v", err)
	}
}
