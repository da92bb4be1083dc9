package stacks_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dagster-ecs/internal/awstest"
	"dagster-ecs/internal/pulumitest"
	"dagster-ecs/stacks"
)

// inStack runs the program as a stack of this repository.
func inStack(name string) pulumitest.Option {
	return func(r *pulumitest.Recorder) {
		pulumitest.InStack(name)(r)
		pulumitest.InRoot("..")(r)
	}
}

// record runs the whole program for a stack with its real files.
func record(t *testing.T, stack string, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	values, secrets := settings(t, stack)
	options = append(options, inStack(stack), pulumitest.WithConfig(values, secrets...))
	return pulumitest.Record(t, stacks.Deploy, options...)
}

var names = []string{"dev", "prod"}

func TestGolden(t *testing.T) {
	for _, stack := range names {
		t.Run(stack, func(t *testing.T) {
			pulumitest.Golden(t, stack+".json", func() ([]byte, error) { return record(t, stack).Render() })
		})
	}
}

// A change of a URN replaces its resource: docs/decisions/0003 says what that means and what to do.
func TestGoldenOfUrns(t *testing.T) {
	for _, stack := range names {
		t.Run(stack, func(t *testing.T) {
			pulumitest.Golden(t, stack+".urns", func() ([]byte, error) {
				var urns strings.Builder
				for _, resource := range record(t, stack).All() {
					urns.WriteString(resource.URN + "\n")
				}
				return []byte(urns.String()), nil
			})
		})
	}
}

func TestFirstPreviewWorks(t *testing.T) {
	for _, stack := range names {
		t.Run(stack, func(t *testing.T) { record(t, stack, pulumitest.Unknown()) })
	}
}

func TestEveryResourceHasAnExplicitProvider(t *testing.T) {
	for _, stack := range names {
		for _, resource := range record(t, stack).All() {
			custom := resource.Custom && !strings.HasPrefix(resource.Type, "pulumi:")
			if custom && (resource.Provider == "" || strings.HasPrefix(resource.Provider, "default")) {
				t.Errorf("%s: %s %s has the provider %q", stack, resource.Type, resource.Name, resource.Provider)
			}
		}
	}
}

func TestAccountIsGuardedInEveryRegion(t *testing.T) {
	recorder := record(t, "prod")
	for _, provider := range recorder.Of("pulumi:providers:aws") {
		if got := provider.Input("allowedAccountIds"); fmt.Sprint(got) != `map[[json]:[111122223333]]` && fmt.Sprint(got) != "[111122223333]" {
			t.Errorf("%s is for accounts %v", provider.Name, got)
		}
	}
	if got := recorder.Names("pulumi:providers:aws"); !slices.Equal(got, []string{"aws", "aws-replica"}) {
		t.Errorf("AWS providers are %v", got)
	}
}

// environment is what the guide asks for, in every one of the three workloads.
var environment = []string{
	"ANALYSIS_MANAGER_SERVER_HOST", "AWS_DEFAULT_REGION", "AWS_REGION", "DAGSTER_HOME", "DAGSTER_PG_DB", "DAGSTER_PG_HOST",
	"DAGSTER_PG_PORT", "DAGSTER_S3_BUCKET", "INSIGHTS_BACKEND_SERVER_HOST", "PGSSLMODE", "QUERY_MANAGER_SERVER_HOST",
	"STORY_MANAGER_SERVER_HOST",
}

func TestGuidesEnvironmentReachesEveryWorkload(t *testing.T) {
	for _, stack := range names {
		recorder := record(t, stack)
		prefix := map[string]string{"dev": "asset-manager-dev-", "prod": "asset-manager-"}[stack]
		for component, kind := range map[string]string{"webserver": "web", "daemon": "daemon", "runs": "run"} {
			container, there := awstest.ContainersOf(t, recorder, component+"-definition")[prefix+kind]
			if !there {
				t.Fatalf("%s: no container %s%s", stack, prefix, kind)
			}
			values := container.Environment()
			for _, name := range environment {
				if values[name] == "" {
					t.Errorf("%s: %s lacks %s", stack, kind, name)
				}
			}
			for _, name := range []string{"DAGSTER_PG_USER", "DAGSTER_PG_PASSWORD"} {
				if _, plain := values[name]; plain {
					t.Errorf("%s: %s has %s in its environment", stack, kind, name)
				}
				if got := container.SecretSources()[name]; !strings.HasSuffix(got, ":parameter/secrets-"+name) && !strings.Contains(got, name) {
					t.Errorf("%s: %s takes %s from %q", stack, kind, name, got)
				}
			}
		}
	}
}

func TestAChangedSecretRollsTheServicesThatReadItAndNotTheRuns(t *testing.T) {
	definitions := func(secrets string) map[string]any {
		values, keys := settings(t, "dev")
		values["dagster:secrets"] = secrets
		keys = append(keys, "dagster:secrets")
		recorder := pulumitest.Record(t, stacks.Deploy, inStack("dev"), pulumitest.WithConfig(values, keys...))
		found := map[string]any{}
		for _, component := range []string{"webserver", "daemon", "runs"} {
			definition := recorder.One(t, awstest.TaskDefinition, component+"-definition").Input("containerDefinitions")
			if strings.Contains(fmt.Sprint(definition), "of-the-warehouse") {
				t.Errorf("%s has the secret in its definition", component)
			}
			found[component] = definition
		}
		return found
	}
	before := definitions(`{"OTHER": "one", "WAREHOUSE_TOKEN": "old-of-the-warehouse"}`)
	after := definitions(`{"OTHER": "one", "WAREHOUSE_TOKEN": "new-of-the-warehouse"}`)
	again := definitions(`{"OTHER": "one", "WAREHOUSE_TOKEN": "old-of-the-warehouse"}`)
	for component, rolled := range map[string]bool{"webserver": true, "daemon": true, "runs": false} {
		if same := reflect.DeepEqual(before[component], after[component]); same == rolled {
			t.Errorf("the definition of %s stays the same with another secret: %t", component, same)
		}
		if !reflect.DeepEqual(before[component], again[component]) {
			t.Errorf("the definition of %s changes with the same secrets", component)
		}
	}
}

func TestOnlyTheMigrationsExecutionRoleReadsTheMigrationsParameters(t *testing.T) {
	recorder := record(t, "prod")
	for component, wanted := range map[string]bool{"webserver": false, "runs": false, "daemon": false, "migration": true} {
		readable := awstest.PolicyOf(t, recorder, component+"-execution").Of(t, "ssm:GetParameters").Resource
		found := slices.ContainsFunc(readable, func(arn string) bool { return strings.Contains(arn, "migration") })
		if found != wanted {
			t.Errorf("%s reads %v", component, readable)
		}
	}
}

func TestTheMigrationEndsThenTheDaemonComesUpThenTheWebserverChanges(t *testing.T) {
	for _, stack := range names {
		recorder := record(t, stack)
		daemon := recorder.One(t, awstest.Service, "daemon-service")
		for _, when := range []string{"BeforeCreate", "BeforeUpdate"} {
			if !slices.Contains(daemon.Hooks[when], "migration-gate") {
				t.Errorf("%s: %s of the daemon calls %v", stack, when, daemon.Hooks[when])
			}
		}
		// The hook runs a task, which needs all of these.
		for _, needed := range []string{
			"migration-definition", "migration-execution-policy", "migration-tasks-to-database", "migration-tasks-at-database",
		} {
			if !slices.Contains(daemon.Dependencies, needed) {
				t.Errorf("%s: the daemon does not wait for %s", stack, needed)
			}
		}
		if got := recorder.One(t, awstest.Service, "webserver-service").Dependencies; !slices.Contains(got, "daemon-service") {
			t.Errorf("%s: the webserver waits for %v", stack, got)
		}
	}
}

func TestAnUpdateEndsWithWhatBecameOfEachDeployment(t *testing.T) {
	for _, stack := range names {
		for _, service := range record(t, stack).Of(awstest.Service) {
			hook := strings.TrimSuffix(service.Name, "-service") + "-deployed"
			for _, when := range []string{"AfterCreate", "AfterUpdate"} {
				if !slices.Contains(service.Hooks[when], hook) {
					t.Errorf("%s: %s of %s calls %v: an update whose tasks never serve would end well", stack, when, service.Name, service.Hooks[when])
				}
			}
		}
	}
}

// roles are the names of all roles as awstest.PolicyOf takes them.
func roles(recorder *pulumitest.Recorder) []string {
	var names []string
	for _, name := range recorder.Names(awstest.Role) {
		names = append(names, strings.TrimSuffix(name, "-role"))
	}
	return names
}

func TestOnlyTheDaemonStartsRuns(t *testing.T) {
	recorder := record(t, "prod")
	for _, role := range roles(recorder) {
		actions := awstest.PolicyOf(t, recorder, role).Actions()
		for _, action := range []string{"ecs:RunTask", "iam:PassRole", "ecs:TagResource"} {
			if slices.Contains(actions, action) && role != "daemon-task" && role != "maintenance-schedule" {
				t.Errorf("%s may %s", role, action)
			}
		}
	}
	for _, family := range awstest.PolicyOf(t, recorder, "maintenance-schedule").Of(t, "ecs:RunTask").Resource {
		if !strings.HasSuffix(family, "-maintenance:*") {
			t.Errorf("the schedule may start %s", family)
		}
	}
}

func TestStarsAreOnlyWhereTheApiHasNoResources(t *testing.T) {
	allowed := []string{
		"ecs:DescribeTaskDefinition", "ecr:GetAuthorizationToken", "ssmmessages:CreateControlChannel",
		"ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
	}
	// Lambda, which acts by the role, asks for all of them on everything; the function itself is denied them.
	const joins, function = "ec2:", "monitor-function"
	for _, stack := range names {
		recorder := record(t, stack)
		for _, role := range roles(recorder) {
			for _, statement := range awstest.PolicyOf(t, recorder, role).Statement {
				for _, action := range statement.Action {
					if slices.Contains(statement.Resource, "*") && !slices.Contains(allowed, action) &&
						(role != function || !strings.HasPrefix(action, joins)) {
						t.Errorf("%s: %s may %s on everything", stack, role, action)
					}
				}
			}
		}
	}
}

func TestEndpointsAndAccelerationFollowTheSettings(t *testing.T) {
	values, secrets := settings(t, "dev")
	values["dagster:network"] = `{"endpoints": ["ecr.api"]}`
	values["dagster:bucket"] = `{"accelerate": true}`
	recorder := pulumitest.Record(t, stacks.Deploy, inStack("dev"), pulumitest.WithConfig(values, secrets...))
	recorder.One(t, "aws:ec2/vpcEndpoint:VpcEndpoint", "network-endpoint-ecr.api")
	recorder.One(t, "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2", "bucket-data-acceleration")
	for _, token := range []string{"aws:ec2/vpcEndpoint:VpcEndpoint", "aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2"} {
		for _, name := range record(t, "dev").Names(token) {
			if name != "network-endpoint-s3" {
				t.Errorf("%s is there by default", name)
			}
		}
	}
}

func TestNoSecretIsPlain(t *testing.T) {
	for _, stack := range names {
		recorder := record(t, stack)
		for _, resource := range recorder.All() {
			for key, value := range resource.Inputs {
				if strings.Contains(fmt.Sprint(pulumitest.Plain(value)), "password-of-") {
					t.Errorf("%s: %s %s has a password in %s", stack, resource.Type, resource.Name, key)
				}
			}
		}
	}
}

func TestDataIsProtectedInProductionAndFreeInDevelopment(t *testing.T) {
	for stack, protected := range map[string]bool{"prod": true, "dev": false} {
		recorder := record(t, stack)
		for _, token := range []string{"aws:rds/instance:Instance", "aws:s3/bucketV2:BucketV2", "aws:kms/key:Key"} {
			found := recorder.Of(token)
			if len(found) == 0 {
				t.Errorf("%s: no %s", stack, token)
			}
			for _, resource := range found {
				if resource.Protect == nil || *resource.Protect != protected {
					t.Errorf("%s: %s %s: protection is %v", stack, token, resource.Name, resource.Protect)
				}
			}
		}
	}
}

func TestDevelopmentHasNothingInTheSecondRegion(t *testing.T) {
	for _, resource := range record(t, "dev").All() {
		if resource.Provider == "aws-replica" {
			t.Errorf("%s %s is in the second region", resource.Type, resource.Name)
		}
	}
}

func TestWrongSettingsAreRefusedAtOnceBeforeAnythingIsRegistered(t *testing.T) {
	values, secrets := settings(t, "dev")
	values["dagster:webserver"] = `{"cpu": 300, "color": "red"}`
	values["dagster:account"] = "12"
	recorder := pulumitest.New(inStack("dev"), pulumitest.WithConfig(values, secrets...))
	err := recorder.Run(stacks.Deploy)
	for _, want := range []string{"dagster:webserver.color", "dagster:webserver.cpu", "dagster:account"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	for _, resource := range recorder.All() {
		if resource.Type != "pulumi:pulumi:Stack" {
			t.Errorf("registered all the same: %s %s", resource.Type, resource.Name)
		}
	}
}

func TestTooManyTagLimitsForALaunchCommandAreRefused(t *testing.T) {
	values, secrets := settings(t, "dev")
	limits := make([]string, 60)
	for i := range limits {
		limits[i] = fmt.Sprintf(`{"key": "example.com/team", "value": "team-%02d", "limit": 1}`, i)
	}
	for count, refused := range map[int]bool{10: false, 60: true} {
		values["dagster:runs"] = `{"tagLimits": [` + strings.Join(limits[:count], ",") + `]}`
		recorder := pulumitest.New(inStack("dev"), pulumitest.WithConfig(values, secrets...))
		err := recorder.Run(stacks.Deploy)
		if got := err != nil && strings.Contains(err.Error(), "dagster:runs.tagLimits"); got != refused {
			t.Errorf("%d limits: %v", count, err)
		}
	}
}
