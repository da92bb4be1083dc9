package alarms_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/alarms"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/components/logs"
	"dagster-ecs/internal/pulumitest"
)

const (
	alarmType     = "aws:cloudwatch/metricAlarm:MetricAlarm"
	compositeType = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
	filterType    = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
	dashboardType = "aws:cloudwatch/dashboard:Dashboard"
	topic         = "arn:aws:sns:us-west-1:111122223333:alerts"
)

func group(kind string) logs.Group {
	return logs.Group{Name: pulumi.String("asset-manager/" + kind), Arn: pulumi.String("arn:" + kind)}
}

func args(t *testing.T) *alarms.Args {
	platform, trail := workloadtest.Platform(t), group("trail")
	return &alarms.Args{
		Names: platform.Names, Location: platform.Location, TopicArn: pulumi.String(topic).ToStringOutput(), Cluster: "fulcrum-cluster",
		Webserver: alarms.Webserver{
			Service: alarms.Service{Name: "asset-manager-web"}, Balancer: pulumi.String("app/web/1").ToStringOutput(),
			Targets: pulumi.String("targetgroup/web/2").ToStringOutput(), Certificate: true,
		},
		Daemon:      alarms.Service{Name: "asset-manager-daemon"},
		Runs:        alarms.Runs{Family: "asset-manager-run", StartSeconds: 900, Insights: true},
		Maintenance: &alarms.Maintenance{ScheduleGroup: "asset-manager-dev", Days: 2, Log: group("maintenance")},
		Database:    alarms.Database{ID: "asset-manager-dev", Connections: 200},
		Logs: alarms.Logs{
			Web: group("web"), Daemon: group("daemon"), Runs: group("runs"), Monitor: group("monitor"),
			Database: "/aws/rds/instance/asset-manager-dev/postgresql", Trail: &trail,
		},
		Thresholds: alarms.Thresholds{
			FailurePercent: 10, FailureRuns: 5, QueuedRuns: 25, QueuedMinutes: 60, BackfillMinutes: 30, HeartbeatMinutes: 10, WebErrors: 10,
			CPUPercent: 80, MemoryPercent: 85, ConnectionsPercent: 75, FreeStorageGiB: 2, CertificateDays: 21,
		},
	}
}

func record(t *testing.T, args *alarms.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, alarms.New, "alarms", args, options...)
	return recorder
}

// measured is a metric as an alarm, a filter or a graph names it.
type measured struct {
	namespace, name string
	dimensions      string
}

// emitted are the metrics that there are: those of the line that the function's own test holds, those that the filters
// make, and those of AWS, as its documents name them with their dimensions.
func emitted(t *testing.T, r *pulumitest.Recorder) []measured {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "functions", "monitor", "testdata", "line.json"))
	if err != nil {
		t.Fatal(err)
	}
	var line struct {
		AWS struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatal(err)
	}
	var all []measured
	for _, directive := range line.AWS.CloudWatchMetrics {
		for _, dimensions := range directive.Dimensions {
			for _, metric := range directive.Metrics {
				all = append(all, measured{directive.Namespace, metric.Name, strings.Join(dimensions, " ")})
			}
		}
	}
	if len(all) < 10 {
		t.Fatalf("the function emits only %v", all)
	}
	for _, filter := range r.Of(filterType) {
		made := filter.Input("metricTransformation").(map[string]any)
		all = append(all, measured{made["namespace"].(string), made["name"].(string), ""})
	}
	return append(append(all, ofMaintenance(t)...),
		// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
		measured{"AWS/ECS", "CPUUtilization", "ClusterName ServiceName"},
		measured{"AWS/ECS", "MemoryUtilization", "ClusterName ServiceName"},
		// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
		measured{"ECS/ContainerInsights", "MemoryReserved", "ClusterName TaskDefinitionFamily"},
		measured{"ECS/ContainerInsights", "MemoryUtilized", "ClusterName TaskDefinitionFamily"},
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
		measured{"AWS/ApplicationELB", "HealthyHostCount", "LoadBalancer TargetGroup"},
		measured{"AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer"},
		measured{"AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer TargetGroup"},
		// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
		measured{"AWS/RDS", "CPUUtilization", "DBInstanceIdentifier"},
		measured{"AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier"},
		measured{"AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier"},
	)
}

// names are the names of dimensions, in one text.
func names(dimensions any) string {
	all, _ := dimensions.(map[string]any)
	return strings.Join(slices.Sorted(maps.Keys(all)), " ")
}

// watched are the metrics of an alarm.
func watched(alarm pulumitest.Resource) (all []measured) {
	if name, ok := alarm.Input("metricName").(string); ok {
		return []measured{{alarm.Input("namespace").(string), name, names(alarm.Input("dimensions"))}}
	}
	queries, _ := alarm.Input("metricQueries").([]any)
	for _, query := range queries {
		if metric, ok := query.(map[string]any)["metric"].(map[string]any); ok {
			all = append(all, measured{metric["namespace"].(string), metric["metricName"].(string), names(metric["dimensions"])})
		}
	}
	return all
}

func TestEveryAlarmWatchesMetricsThatThereAre(t *testing.T) {
	r := record(t, args(t))
	there := emitted(t, r)
	if len(r.Of(alarmType)) < 25 {
		t.Errorf("there are only %d alarms", len(r.Of(alarmType)))
	}
	for _, alarm := range r.Of(alarmType) {
		metrics := watched(alarm)
		if len(metrics) == 0 {
			t.Errorf("%s watches nothing", alarm.Name)
		}
		for _, metric := range metrics {
			if !slices.Contains(there, metric) {
				t.Errorf("%s watches %v, which nobody emits", alarm.Name, metric)
			}
		}
	}
}

func TestEveryGraphShowsMetricsThatThereAre(t *testing.T) {
	r := record(t, args(t))
	there := emitted(t, r)
	var body struct {
		Widgets []struct {
			Type       string
			Properties struct {
				Metrics [][]any
				Alarms  []string
			}
		}
	}
	r.One(t, dashboardType, "alarms-dashboard").Document(t, "dashboardBody", &body)
	graphs := 0
	for _, widget := range body.Widgets {
		for _, line := range widget.Properties.Metrics {
			graphs++
			var dimensions []string
			for i := 2; i+1 < len(line)-1; i += 2 {
				dimensions = append(dimensions, line[i].(string))
			}
			metric := measured{line[0].(string), line[1].(string), strings.Join(dimensions, " ")}
			if !slices.Contains(there, metric) {
				t.Errorf("the dashboard shows %v, which nobody emits", metric)
			}
		}
		if widget.Type == "alarm" && len(widget.Properties.Alarms) != len(r.Of(alarmType)) {
			t.Errorf("the dashboard shows %d of %d alarms", len(widget.Properties.Alarms), len(r.Of(alarmType)))
		}
	}
	if graphs < 20 {
		t.Errorf("the dashboard shows only %d metrics", graphs)
	}
}

func TestADeploymentHasAlarmsOfItsOwnThatTellNobodyAndAreWellWithoutAMonitor(t *testing.T) {
	with := args(t)
	there := emitted(t, record(t, with))
	r, _ := pulumitest.Build(t, alarms.NewDeployment, "it", &alarms.DeploymentArgs{Names: with.Names, Location: with.Location})
	if len(r.Of(alarmType)) != 1 {
		t.Errorf("there are %d alarms", len(r.Of(alarmType)))
	}
	for _, alarm := range r.Of(alarmType) {
		if alarm.Input("alarmActions") != nil || alarm.Input("treatMissingData") != "notBreaching" {
			t.Errorf("%s: %v", alarm.Name, alarm.Inputs)
		}
		if metrics := watched(alarm); len(metrics) != 1 || !slices.Contains(there, metrics[0]) {
			t.Errorf("%s watches %v", alarm.Name, metrics)
		}
		if text, _ := alarm.Input("alarmDescription").(string); !strings.HasSuffix(text, ". What to do: docs/operations.md#when-a-deployment-fails") {
			t.Errorf("%s says %q", alarm.Name, text)
		}
	}
}

func TestEveryAlarmIsToldWhenItComesAndWhenItGoes(t *testing.T) {
	r := record(t, args(t))
	for _, alarm := range append(r.Of(alarmType), r.Of(compositeType)...) {
		for _, actions := range []string{"alarmActions", "okActions"} {
			if got := alarm.Input(actions); fmt.Sprint(got) != "["+topic+"]" {
				t.Errorf("%s: %s are %v", alarm.Name, actions, got)
			}
		}
	}
}

func TestEveryAlarmSaysWhatMissingDataMeans(t *testing.T) {
	missing := map[string]any{}
	for _, alarm := range record(t, args(t)).Of(alarmType) {
		missing[strings.TrimPrefix(alarm.Name, "alarms-")] = alarm.Input("treatMissingData")
	}
	for name, want := range map[string]string{
		"webserver-answers": "breaching", "webserver-targets": "breaching", "daemon-heartbeats": "ignore", "failure-rate": "ignore",
		"daemon-doubled": "notBreaching", "webserver-errors": "notBreaching", "database-connections": "ignore",
	} {
		if missing[name] != want {
			t.Errorf("%s takes missing data for %v", name, missing[name])
		}
	}
	for name, means := range missing {
		if means == nil || means == "" {
			t.Errorf("%s does not say what missing data means", name)
		}
	}
}

// section is the end of an alarm's description.
var section = regexp.MustCompile(`^[^.].+\. What to do: docs/operations\.md#([a-z-]+)$`)

func TestEveryAlarmLeadsToItsSectionOfTheRunbook(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, args(t))
	for _, alarm := range append(r.Of(alarmType), r.Of(compositeType)...) {
		description, _ := alarm.Input("alarmDescription").(string)
		found := section.FindStringSubmatch(description)
		if found == nil || "alarms-"+found[1] != alarm.Name {
			t.Errorf("%s: %q leads to no section of its own", alarm.Name, description)
			continue
		}
		if !strings.Contains(string(text), "\n### "+found[1]+"\n") {
			t.Errorf("docs/operations.md has no section %s", found[1])
		}
	}
}

// without is how the table of the runbook begins to say what an alarm makes of missing data.
var without = map[any]string{"breaching": "fires", "notBreaching": "is well", "ignore": "stays"}

func TestTheTableOfTheRunbookSaysWhatEachAlarmWatchesAndWhatFiresIt(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if cells := strings.Split(line, " | "); len(cells) == 4 {
			for _, name := range strings.Split(strings.TrimPrefix(cells[0], "| "), ", ") {
				rows[strings.Trim(name, "`")] = cells
			}
		}
	}
	for _, alarm := range record(t, args(t)).Of(alarmType) {
		row := rows[strings.TrimPrefix(alarm.Name, "alarms-")]
		if row == nil {
			t.Errorf("the table lacks %s", alarm.Name)
			continue
		}
		var metrics []string
		for _, metric := range watched(alarm) {
			metrics = append(metrics, "`"+metric.name+"`")
		}
		if row[1] != strings.Join(metrics, ", ") || !strings.HasPrefix(row[2], without[alarm.Input("treatMissingData")]) {
			t.Errorf("%s watches %v and takes missing data for %v; the table says %q", alarm.Name, metrics, alarm.Input("treatMissingData"), row)
		}
	}
}

func TestThresholdsAreThoseOfTheArgs(t *testing.T) {
	r := record(t, args(t))
	for name, want := range map[string]float64{
		"failure-rate": 10, "queue-depth": 25, "queue-age": 3600, "daemon-heartbeats": 600, "webserver-errors": 10, "webserver-cpu": 80,
		"daemon-memory": 85, "runs-memory": 85, "database-connections": 150, "database-storage": 2 << 30, "certificate": 21,
		"starting-stuck": 1200, "code-locations": 0, "daemon-doubled": 0, "runs-crashed": 2, "audit-root": 0,
		"audit-refused": 4,
	} {
		if got := r.One(t, alarmType, "alarms-"+name).Input("threshold"); got != want {
			t.Errorf("%s fires at %v, want %v", name, got, want)
		}
	}
}

func TestAFewRunsAreNoRate(t *testing.T) {
	queries := record(t, args(t)).One(t, alarmType, "alarms-failure-rate").Input("metricQueries").([]any)
	first := queries[0].(map[string]any)
	if first["expression"] != "IF(m2 >= 5, 100 * m1 / m2, 0)" || first["returnData"] != true {
		t.Errorf("got %v", first)
	}
	for i, want := range []string{"RunsFailedLastHour", "RunsFinishedLastHour"} {
		query := queries[i+1].(map[string]any)
		if query["id"] != fmt.Sprintf("m%d", i+1) || query["metric"].(map[string]any)["metricName"] != want {
			t.Errorf("m%d is %v", i+1, query)
		}
	}
}

func TestOneAlarmPagesWhenDagsterIsDown(t *testing.T) {
	r := record(t, args(t))
	down := r.One(t, compositeType, "alarms-down")
	want := `ALARM("asset-manager-dev-webserver-answers") OR ALARM("asset-manager-dev-daemon-heartbeats") OR ALARM("asset-manager-dev-webserver-targets")`
	if down.Input("alarmRule") != want || down.Input("alarmName") != alarms.PagingName(args(t).Names) {
		t.Errorf("got %v", down.Inputs)
	}
	for _, name := range []string{"alarms-webserver-answers", "alarms-daemon-heartbeats", "alarms-webserver-targets"} {
		if !slices.Contains(down.Dependencies, name) {
			t.Errorf("it does not wait for %s", name)
		}
	}
}

func TestWhatIsNotMeasuredHasNoAlarm(t *testing.T) {
	a := args(t)
	a.Webserver.Certificate, a.Runs.Insights, a.Logs.Trail = false, false, nil
	made := record(t, a).Names(alarmType)
	for _, name := range []string{"alarms-certificate", "alarms-runs-memory", "alarms-audit-root", "alarms-audit-keys"} {
		if slices.Contains(made, name) {
			t.Errorf("%s is there", name)
		}
	}
}

func TestLinesAreCountedInTheLogsThatHaveThem(t *testing.T) {
	r := record(t, args(t))
	for name, want := range map[string][2]string{
		"filter-daemon-DaemonsDoubled": {"asset-manager/daemon", `"daemon is still sending heartbeats"`},
		"filter-runs-DatabaseRetries":  {"asset-manager/runs", `"Retrying failed database connection"`},
		"filter-web-AccessDenied":      {"asset-manager/web", `"AccessDenied"`},
		"filter-trail-CallsRefused": {
			"asset-manager/trail", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }`,
		},
	} {
		filter := r.One(t, filterType, "alarms-"+name)
		if filter.Input("logGroupName") != want[0] || filter.Input("pattern") != want[1] {
			t.Errorf("%s: %v", name, filter.Inputs)
		}
	}
}

func TestUnknownValuesAreBorneAndTheOrderIsAlwaysTheSame(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
	pulumitest.Golden(t, "alarms.json", func() ([]byte, error) { return record(t, args(t)).Render() })
}

func TestRefusals(t *testing.T) {
	for want, edit := range map[string]func(*alarms.Args){
		"TopicArn: is required":            func(a *alarms.Args) { a.TopicArn = nil },
		"Webserver.Targets: is required":   func(a *alarms.Args) { a.Webserver.Targets = nil },
		"Runs.StartSeconds: 0":             func(a *alarms.Args) { a.Runs.StartSeconds = 0 },
		"Database.Connections":             func(a *alarms.Args) { a.Database.Connections = 0 },
		"Logs.Monitor.Name: is required":   func(a *alarms.Args) { a.Logs.Monitor.Name = nil },
		"Thresholds.FailurePercent: 100":   func(a *alarms.Args) { a.Thresholds.FailurePercent = 100 },
		"Thresholds.QueuedMinutes: 1441":   func(a *alarms.Args) { a.Thresholds.QueuedMinutes = 1441 },
		"Thresholds.CertificateDays: 396":  func(a *alarms.Args) { a.Thresholds.CertificateDays = 396 },
		"Thresholds.ConnectionsPercent: 0": func(a *alarms.Args) { a.Thresholds.ConnectionsPercent = 0 },
	} {
		a := args(t)
		edit(a)
		err := pulumitest.New().Run(func(ctx *pulumi.Context) error {
			_, err := alarms.New(ctx, "alarms", a)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
