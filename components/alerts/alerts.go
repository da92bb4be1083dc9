package alerts

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/chatbot"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/component"
	"dagster-ecs/components/internal/key"
	"dagster-ecs/components/internal/servicerole"
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// TypeToken is the component's type in URNs.
const TypeToken = "dagster-ecs:alerts:Alerts"

// The services that publish to the topic.
const (
	alarmService    = "cloudwatch.amazonaws.com"
	eventService    = "events.amazonaws.com"
	databaseService = "events.rds.amazonaws.com"
)

// Alerts is the topic by which people are told.
type Alerts struct {
	pulumi.ResourceState

	// TopicArn is the topic. It is there once AWS's services may publish to it.
	TopicArn pulumi.StringOutput
}

type builder struct {
	*component.Scope
	*Alerts
	args  *Args
	key   *kms.Key
	topic *sns.Topic
}

// New builds the topic and all that is told by it, but alarms.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Alerts, error) {
	alerts := &Alerts{}
	scope, err := component.Open(ctx, TypeToken, name, alerts, args, opts...)
	if err != nil {
		return nil, err
	}
	b := &builder{Scope: scope, Alerts: alerts, args: args}
	if err := scope.Run(
		b.createKey, b.createTopic, b.subscribePeople, b.subscribeSlack, b.tellEvents, b.tellOfDatabase,
	); err != nil {
		return nil, err
	}
	return alerts, scope.Close(pulumi.Map{"topicArn": alerts.TopicArn})
}

// createKey makes a key that AWS's services may use to publish. EventBridge says for nobody that it uses a key, so that a
// condition would keep it out (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
func (b *builder) createKey() (err error) {
	use := []string{"kms:Decrypt", "kms:GenerateDataKey*"}
	b.key, err = key.New(b.Scope, key.Args{
		Suffix:      "key",
		Alias:       b.args.Names.Base() + "-alerts",
		Description: "Topic " + b.name(),
		Location:    b.args.Location,
		Keep:        b.args.Keep,
		Statements: []iamdoc.Statement{
			{
				Sid: "PublishAlarmsAndDatabaseEvents", Principal: iamdoc.Service(alarmService, databaseService), Action: use,
				Resource:  []any{"*"}, // in a key policy "*" is this key
				Condition: b.ownAccount(),
			},
			{
				Sid: "PublishEvents", Principal: iamdoc.Service(eventService), Action: use,
				Resource: []any{"*"}, // in a key policy "*" is this key
			},
		},
	})
	return err
}

func (b *builder) createTopic() (err error) {
	b.topic, err = sns.NewTopic(b.Ctx, b.Child("topic"), &sns.TopicArgs{
		Name: pulumi.String(b.name()), DisplayName: pulumi.String("Dagster " + b.args.Names.Base()),
		KmsMasterKeyId: b.key.Arn, SignatureVersion: pulumi.Int(2),
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create topic %s: %w", b.name(), err)
	}
	document, err := iamdoc.Render("topic "+b.name(),
		iamdoc.Statement{
			Sid: "PublishAlarmsAndDatabaseEvents", Principal: iamdoc.Service(alarmService, databaseService),
			Action: []string{"sns:Publish"}, Resource: []any{b.topic.Arn}, Condition: b.ownAccount(),
		},
		iamdoc.Statement{
			// EventBridge cannot bear conditions in a topic's policy
			// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html).
			Sid: "PublishEvents", Principal: iamdoc.Service(eventService), Action: []string{"sns:Publish"}, Resource: []any{b.topic.Arn},
		},
		iamdoc.Statement{
			Sid: "TlsOnly", Effect: iamdoc.Deny, Principal: iamdoc.Everyone(), Action: []string{"sns:Publish"}, Resource: []any{b.topic.Arn},
			Condition: iamdoc.Condition{"Bool": {"aws:SecureTransport": "false"}},
		},
	)
	if err != nil {
		return err
	}
	policy, err := sns.NewTopicPolicy(b.Ctx, b.Child("topic-policy"), &sns.TopicPolicyArgs{
		Arn: b.topic.Arn, Policy: document,
	}, b.Options()...)
	if err != nil {
		return fmt.Errorf("create policy of topic %s: %w", b.name(), err)
	}
	b.TopicArn = component.After(b.topic.Arn, policy)
	return nil
}

func (b *builder) ownAccount() iamdoc.Condition {
	return iamdoc.Condition{"StringEquals": {"aws:SourceAccount": b.args.Location.Account}}
}

func (b *builder) name() string { return b.args.Names.Scoped(naming.TopicLimit, "alerts") }

// subscribePeople tells everything by e-mail, and those who are woken up of the alarm that pages.
func (b *builder) subscribePeople() error {
	for _, address := range b.args.Emails {
		if _, err := sns.NewTopicSubscription(b.Ctx, b.Child("email-"+address), &sns.TopicSubscriptionArgs{
			Topic: b.topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(address),
		}, b.Options()...); err != nil {
			return fmt.Errorf("subscribe %s: %w", address, err)
		}
	}
	filter, err := json.Marshal(map[string][]string{"AlarmName": {b.args.PagingAlarm}})
	if err != nil {
		return fmt.Errorf("write what pages: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(b.args.Pagers)) {
		endpoint := pulumi.ToSecret(pulumi.String(b.args.Pagers[name])).(pulumi.StringOutput)
		if _, err := sns.NewTopicSubscription(b.Ctx, b.Child("pager-"+name), &sns.TopicSubscriptionArgs{
			Topic: b.topic.Arn, Protocol: pulumi.String("https"), Endpoint: endpoint, EndpointAutoConfirms: pulumi.Bool(true),
			FilterPolicyScope: pulumi.String("MessageBody"), FilterPolicy: pulumi.String(filter),
		}, b.Options()...); err != nil {
			return fmt.Errorf("subscribe pager %s: %w", name, err)
		}
	}
	return nil
}

// subscribeSlack tells a channel. Its role may do nothing: the channel listens, and commands there change nothing.
func (b *builder) subscribeSlack() error {
	slack := b.args.Slack
	if slack == nil {
		return nil
	}
	role, err := servicerole.New(b.Scope, servicerole.Args{
		Suffix:      "slack",
		Name:        b.args.Names.Scoped(naming.RoleLimit, "slack"),
		Description: "The Slack channel that is told by " + b.name(),
		Trust:       servicerole.TrustAny("chatbot.amazonaws.com"),
	})
	if err != nil {
		return err
	}
	if _, err := chatbot.NewSlackChannelConfiguration(b.Ctx, b.Child("slack"), &chatbot.SlackChannelConfigurationArgs{
		ConfigurationName: pulumi.String(b.args.Names.Base()),
		IamRoleArn:        role.Arn,
		// without any, the channel could do whatever an administrator may
		GuardrailPolicyArns: pulumi.ToStringArray([]string{
			fmt.Sprintf("arn:%s:iam::aws:policy/CloudWatchReadOnlyAccess", b.args.Location.Partition),
		}),
		SlackTeamId: pulumi.String(slack.Team), SlackChannelId: pulumi.String(slack.Channel),
		SnsTopicArns: pulumi.StringArray{b.topic.Arn},
	}, b.Options()...); err != nil {
		return fmt.Errorf("subscribe Slack: %w", err)
	}
	return nil
}

// tellOfDatabase tells what RDS does with the instance, of what matters to whoever is called, and who changes what it is
// made with (Security Hub user guide, RDS.20, 21 and 22). Security groups of RDS are of a network that is gone; who makes one
// is told all the same.
func (b *builder) tellOfDatabase() error {
	database := b.args.Database
	for _, each := range []struct {
		suffix, source string
		ids            pulumi.StringArray
		categories     []string
	}{
		{"", "db-instance", pulumi.StringArray{pulumi.String(database.ID)}, []string{
			"availability", "configuration change", "failover", "failure", "low storage", "maintenance", "recovery",
		}},
		{"-parameters", "db-parameter-group", pulumi.StringArray{database.ParameterGroup}, []string{"configuration change"}},
		{"-security-groups", "db-security-group", nil, []string{"configuration change", "failure"}},
	} {
		name := naming.Fit(database.ID+each.suffix, naming.SubscriptionLimit)
		if _, err := rds.NewEventSubscription(b.Ctx, b.Child("database"+each.suffix), &rds.EventSubscriptionArgs{
			Name: pulumi.String(name), SnsTopic: b.TopicArn, SourceType: pulumi.String(each.source),
			SourceIds: each.ids, EventCategories: pulumi.ToStringArray(each.categories),
		}, b.Options()...); err != nil {
			return fmt.Errorf("subscribe to the events of database %s%s: %w", database.ID, each.suffix, err)
		}
	}
	return nil
}
