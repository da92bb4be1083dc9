package stacks_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/capacity"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

// longest is the longest text among the inputs of that name of resources of a type.
func longest(t *testing.T, recorder *pulumitest.Recorder, token, input string) int {
	t.Helper()
	most := 0
	for _, resource := range recorder.Of(token) {
		var document any
		resource.Document(t, input, &document)
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(text))
	}
	return most
}

// many is an object of as many entries.
func many(count int, name, value string) string {
	entries := make([]string, count)
	for i := range entries {
		entries[i] = fmt.Sprintf("%s_%03d: %s", name, i, value)
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

var encrypted = "{secure: " + base64.StdEncoding.EncodeToString([]byte("hunter2")) + "}"

// The estimates are held against what is registered: neither may a document that AWS refuses pass, nor one that it takes
// be refused.
func TestLongDocumentsAreRefusedBeforeAWSDoesAndNotMuchSooner(t *testing.T) {
	for _, c := range []struct {
		key, name, value, token, input string
		limit                          int
	}{
		{"dagster:environment", "VARIABLE", strings.Repeat("x", 200), awstest.TaskDefinition, "containerDefinitions", capacity.DefinitionLimit},
		{"dagster:secrets", "SECRET", encrypted, "aws:iam/rolePolicy:RolePolicy", "policy", capacity.PolicyLimit},
	} {
		most := 0
		for count := 8; answer(t, "dev", c.key+": "+many(count, c.name, c.value)) == ""; count += 8 {
			most = count
		}
		values, secrets := written(t, "dev", c.key+": "+many(most, c.name, c.value))
		recorder := pulumitest.Record(t, stacks.Deploy, inStack("dev"), pulumitest.WithConfig(values, secrets...))
		got := longest(t, recorder, c.token, c.input)
		if got > c.limit || got < c.limit*6/10 {
			t.Errorf("%d entries of %s are taken and make %d of %d", most, c.key, got, c.limit)
		}
	}
}

func TestLongDocumentsAndLaunchCommandsAreToldWithEverythingElse(t *testing.T) {
	limits := make([]string, 81)
	for i := range limits {
		limits[i] = fmt.Sprintf("{key: example.com/team, value: team-%d, limit: 1}", i)
	}
	got := answer(t, "dev", "dagster:logs: {retentionDays: 8}\ndagster:environment: {BIG: "+strings.Repeat("x", 70000)+", A_TOKEN: x}\n"+
		"dagster:secrets: "+many(100, "SECRET", encrypted)+"\n"+
		"dagster:runs: {tagLimits: ["+strings.Join(limits, ", ")+"]}")
	for _, want := range []string{
		"dagster:logs.retentionDays: 8: ", "dagster:environment.A_TOKEN: is named like a secret",
		"dagster:environment: 5 variables make a task definition about ", "dagster:secrets: 100 secrets make the policy ",
		"dagster:runs.tagLimits: 81 limits make a run's launch command ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
}

func TestAPreviewWarnsOfQuotasThatAnAccountStartsWith(t *testing.T) {
	for set, want := range map[string]string{
		"":                                   "[up to 16.5 vCPUs of Fargate are needed at a time; an account starts with 6 in each region. ",
		"dagster:quotas: {fargateVcpus: 17}": "[]",
		"dagster:runs: {onDemandWeight: 0, spotWeight: 1, maxConcurrent: 12}": "[]",
		"dagster:runs: {onDemandWeight: 0, spotWeight: 1}":                    "[up to 12.5 vCPUs of Fargate",
	} {
		values, secrets := written(t, "prod", set)
		recorder := pulumitest.Record(t, stacks.Deploy, inStack("prod"), pulumitest.WithConfig(values, secrets...))
		if got := fmt.Sprint(recorder.Warnings()); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", set, got, want)
		}
	}
}

func TestAPreviewWarnsOfACertificateWithoutAName(t *testing.T) {
	for hostname, warned := range map[string]bool{"": true, "dagster.example.com": false} {
		values, secrets := settings(t, "prod")
		values["dagster:webserver"] = fmt.Sprintf(`{"certificateArn": %q, "hostname": %q}`, certificate, hostname)
		recorder := pulumitest.Record(t, stacks.Deploy, inStack("prod"), pulumitest.WithConfig(values, secrets...))
		if got := fmt.Sprint(recorder.Warnings()); strings.Contains(got, "dagster:webserver.hostname") != warned {
			t.Errorf("with the host name %q: %v", hostname, got)
		}
	}
}
