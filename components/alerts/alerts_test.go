package alerts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/alerts"
	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/workloadtest"
	"dagster-ecs/internal/pulumitest"
)

const (
	topicType        = "aws:sns/topic:Topic"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
	ruleType         = "aws:cloudwatch/eventRule:EventRule"
	targetType       = "aws:cloudwatch/eventTarget:EventTarget"
	slackType        = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
)

func args(t *testing.T) *alerts.Args {
	platform := workloadtest.Platform(t)
	return &alerts.Args{
		Names: platform.Names, Location: platform.Location,
		Emails: []string{"team@example.com"}, Pagers: map[string]string{"duty": "https://events.example.com/integration/key/enqueue"},
		Slack: &alerts.Slack{Team: "T0123ABCD", Channel: "C0123ABCD"}, PagingAlarm: "asset-manager-dev-down",
		Tasks: alerts.Tasks{
			Cluster: platform.Cluster, Families: []string{"asset-manager-web", "asset-manager-run"}, Services: []string{"asset-manager-web"},
		},
		Database: alerts.Database{ID: "asset-manager-dev", ParameterGroup: pulumi.String("parameters")}, Keep: component.Keep{Protect: true},
	}
}

func record(t *testing.T, args *alerts.Args, options ...pulumitest.Option) *pulumitest.Recorder {
	t.Helper()
	recorder, _ := pulumitest.Build(t, alerts.New, "alerts", args, options...)
	return recorder
}

// policy is a policy with its principals.
type policy struct {
	Statement []struct {
		Sid, Effect string
		Principal   struct{ Service, AWS []string }
		Action      []string
		Condition   map[string]map[string]any
	}
}

func TestTopicIsEncryptedUnderItsOwnKeyWhichThePublishersMayUse(t *testing.T) {
	r := record(t, args(t))
	if got := r.One(t, topicType, "alerts-topic").Input("kmsMasterKeyId"); got != "arn:aws:kms:us-west-1:111122223333:key/alerts-key" {
		t.Errorf("the topic is encrypted with %v", got)
	}
	var key policy
	r.One(t, "aws:kms/key:Key", "alerts-key").Document(t, "policy", &key)
	users := map[string]bool{}
	for _, statement := range key.Statement {
		for _, service := range statement.Principal.Service {
			users[service] = slices.Equal(statement.Action, []string{"kms:Decrypt", "kms:GenerateDataKey*"})
		}
	}
	for _, service := range []string{"cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com"} {
		if !users[service] {
			t.Errorf("%s cannot publish to an encrypted topic: %v", service, users)
		}
	}
	if len(users) != 3 {
		t.Errorf("the key is for %v", users)
	}
}

// EventBridge delivers nothing where a condition stands in its way, in the key's policy as in the topic's.
func TestOnlyEventBridgePublishesWithoutCondition(t *testing.T) {
	r := record(t, args(t))
	for _, each := range []struct{ token, name string }{{"aws:sns/topicPolicy:TopicPolicy", "alerts-topic-policy"}, {"aws:kms/key:Key", "alerts-key"}} {
		var found policy
		r.One(t, each.token, each.name).Document(t, "policy", &found)
		for _, statement := range found.Statement {
			if statement.Effect != "Allow" || len(statement.Principal.Service) == 0 {
				continue
			}
			free := slices.Equal(statement.Principal.Service, []string{"events.amazonaws.com"})
			if free != (len(statement.Condition) == 0) {
				t.Errorf("%s: %s is for %v with %v", each.name, statement.Sid, statement.Principal.Service, statement.Condition)
			}
		}
	}
}

func TestPeopleAreToldEverythingAndPagersOfOneAlarmOnly(t *testing.T) {
	r := record(t, args(t))
	mail := r.One(t, subscriptionType, "alerts-email-team@example.com")
	if mail.Input("protocol") != "email" || mail.Input("filterPolicy") != nil {
		t.Errorf("got %v", mail.Inputs)
	}
	pager := r.One(t, subscriptionType, "alerts-pager-duty")
	if pager.Input("protocol") != "https" || pager.Input("filterPolicyScope") != "MessageBody" || pager.Input("endpointAutoConfirms") != true {
		t.Errorf("got %v", pager.Inputs)
	}
	if !pager.Inputs["endpoint"].IsSecret() {
		t.Error("its endpoint, with which incidents are raised, is no secret")
	}
	var filter map[string][]string
	pager.Document(t, "filterPolicy", &filter)
	if fmt.Sprint(filter) != "map[AlarmName:[asset-manager-dev-down]]" {
		t.Errorf("pages for %v", filter)
	}
}

func TestSlackListensAndMayDoNothing(t *testing.T) {
	r := record(t, args(t))
	channel := r.One(t, slackType, "alerts-slack")
	if channel.Input("slackTeamId") != "T0123ABCD" || channel.Input("slackChannelId") != "C0123ABCD" {
		t.Errorf("got %v", channel.Inputs)
	}
	if got := fmt.Sprint(channel.Input("guardrailPolicyArns")); got != "[arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess]" {
		t.Errorf("the channel may do %s", got)
	}
	if got := r.Names("aws:iam/rolePolicy:RolePolicy"); len(got) != 0 {
		t.Errorf("its role may do something: %v", got)
	}
}

func TestWithoutSubscribersNobodyIsTold(t *testing.T) {
	a := args(t)
	a.Emails, a.Pagers, a.Slack = nil, nil, nil
	r := record(t, a)
	if got := append(r.Names(subscriptionType), r.Names(slackType)...); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestEventsAreThoseOfTheStacksOwnTasks(t *testing.T) {
	r := record(t, args(t))
	if got, want := r.Names(ruleType), []string{
		"alerts-event-deployment-failed", "alerts-event-health", "alerts-event-spot-taken", "alerts-event-task-failed", "alerts-event-task-not-started",
	}; !slices.Equal(got, want) {
		t.Fatalf("got %v", got)
	}
	for _, name := range []string{"task-failed", "task-not-started", "spot-taken"} {
		var matches struct {
			Detail struct {
				ClusterArn        []string
				TaskDefinitionArn []struct{ Prefix string }
				LastStatus        []string
			}
		}
		r.One(t, ruleType, "alerts-event-"+name).Document(t, "eventPattern", &matches)
		d := matches.Detail
		if !slices.Equal(d.ClusterArn, []string{"arn:aws:ecs:us-west-1:111122223333:cluster/fulcrum-cluster"}) || len(d.TaskDefinitionArn) != 2 ||
			d.TaskDefinitionArn[1].Prefix != "arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-run:" {
			t.Errorf("%s is told of %+v", name, d)
		}
	}
}

func TestEachEventIsToldInASentenceWhoseNamesAreKnown(t *testing.T) {
	for _, target := range record(t, args(t)).Of(targetType) {
		transformer, _ := target.Input("inputTransformer").(map[string]any)
		text, _ := transformer["inputTemplate"].(string)
		if !strings.HasPrefix(text, `"`) || !strings.HasSuffix(text, `"`) || strings.Contains(strings.Trim(text, `"`), `"`) {
			t.Errorf("%s: EventBridge takes only a text in quotes: %s", target.Name, text)
		}
		paths, _ := transformer["inputPaths"].(map[string]any)
		for name, path := range paths {
			if !strings.Contains(text, "<"+name+">") || !strings.HasPrefix(fmt.Sprint(path), "$.") {
				t.Errorf("%s: %s (%v) stands not in %s", target.Name, name, path, text)
			}
		}
		if got, want := strings.Count(text, "<"), len(paths); got != want {
			t.Errorf("%s: %d names in %s, %d are known", target.Name, got, text, want)
		}
	}
}

func TestDatabaseTellsWhatMattersToWhoeverIsCalled(t *testing.T) {
	r := record(t, args(t))
	subscription := r.One(t, "aws:rds/eventSubscription:EventSubscription", "alerts-database")
	if fmt.Sprint(subscription.Input("sourceIds")) != "[asset-manager-dev]" || !strings.Contains(fmt.Sprint(subscription.Input("eventCategories")), "failover") {
		t.Errorf("got %v", subscription.Inputs)
	}
	if !slices.Contains(subscription.Dependencies, "alerts-topic-policy") {
		t.Errorf("RDS publishes once to try, before it may: %v", subscription.Dependencies)
	}
}

func TestUnknownValuesAreBorne(t *testing.T) {
	record(t, args(t), pulumitest.Unknown())
}

func TestRefusals(t *testing.T) {
	for want, edit := range map[string]func(*alerts.Args){
		`Emails: "team": is no e-mail address`:        func(a *alerts.Args) { a.Emails = []string{"team"} },
		`Emails: "a@example.com": is there twice`:     func(a *alerts.Args) { a.Emails = []string{"a@example.com", "a@example.com"} },
		"Pagers.duty: is no https:// URL":             func(a *alerts.Args) { a.Pagers["duty"] = "http://example.com/secret" },
		`Slack.Team: "0123": is no id of Slack`:       func(a *alerts.Args) { a.Slack.Team = "0123" },
		`Slack.Channel: "general": is no id of Slack`: func(a *alerts.Args) { a.Slack.Channel = "general" },
		"PagingAlarm: is required":                    func(a *alerts.Args) { a.PagingAlarm = "" },
		"Tasks.Families: is required":                 func(a *alerts.Args) { a.Tasks.Families = nil },
		"Database.ID: is required":                    func(a *alerts.Args) { a.Database.ID = "" },
		"Database.ParameterGroup: is required":        func(a *alerts.Args) { a.Database.ParameterGroup = nil },
	} {
		a := args(t)
		edit(a)
		err := pulumitest.New().Run(func(ctx *pulumi.Context) error {
			_, err := alerts.New(ctx, "alerts", a)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("what may be secret is shown: %v", err)
		}
	}
}
