package deployaccess

import (
	"dagster-ecs/components/naming"
	"dagster-ecs/internal/iamdoc"
)

// alarmKeys end the names of the alarms.
var alarmKeys = []string{
	"access-denied", "asleep", "audit-buckets", "audit-keys", "audit-policies", "audit-refused", "audit-root", "audit-trail",
	"backfills-stuck", "bucket", "certificate", "code-locations", "daemon-cpu", "daemon-doubled", "daemon-errors",
	"daemon-heartbeats", "daemon-memory", "database-connections", "database-cpu", "database-retries", "database-storage",
	"deployed-code", "down", "failure-rate", "launch-failures", "maintenance", "maintenance-missed", "queue-age", "queue-depth",
	"runs-crashed", "runs-memory", "runs-not-started", "starting-stuck", "webserver-answers", "webserver-cpu",
	"webserver-errors", "webserver-memory", "webserver-targets",
}

func (s *stack) topic() string {
	return s.here.ARN("sns", s.names.Scoped(naming.TopicLimit, "alerts"))
}

// alarms are given one by one: a pattern would reach those of a stack whose name begins in the same way.
func (s *stack) alarms() (arns []any) {
	for _, key := range alarmKeys {
		arns = append(arns, s.here.ARN("cloudwatch", "alarm:"+s.names.Scoped(naming.AlarmLimit, key)))
	}
	return arns
}

func (s *stack) dashboard() any {
	return s.here.GlobalARN("cloudwatch", "dashboard/"+s.names.Base())
}

func (s *stack) databaseEvents() (arns []any) {
	for _, suffix := range []string{"", "-parameters", "-security-groups"} {
		arns = append(arns, s.here.ARN("rds", "es:"+naming.Fit(s.database()+suffix, naming.SubscriptionLimit)))
	}
	return arns
}

func (s *stack) readMonitor() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadTopic", Action: []string{"sns:GetTopicAttributes", "sns:ListTagsForResource"}, Resource: []any{s.topic()},
		},
		{
			Sid: "ReadSubscriptions", Action: []string{"sns:GetSubscriptionAttributes"},
			Resource: []any{"*"}, // subscriptions are no type of resource, here and below
		},
		{Sid: "ReadDatabaseEvents", Action: []string{"rds:ListTagsForResource"}, Resource: s.databaseEvents()},
	}
}

func (s *stack) readAlarms() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		{Sid: "ReadDashboard", Action: []string{"cloudwatch:GetDashboard"}, Resource: []any{s.dashboard()}},
		{
			Sid: "ReadAlarms", Action: []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"},
			Resource: []any{"*"}, // DescribeAlarms lists, and composite alarms are judged by all
		},
		{
			Sid: "ReadQueries", Action: []string{"logs:DescribeQueryDefinitions", "rds:DescribeEventSubscriptions"},
			Resource: []any{"*"}, // both list, and a list is judged by all that there is
		},
	}
	if s.Alerts.SlackTeam != "" {
		statements = append(statements, iamdoc.Statement{
			Sid: "ReadSlack", Action: []string{"chatbot:DescribeSlackChannelConfigurations", "chatbot:ListTagsForResource"},
			Resource: []any{"*"}, // it lists
		})
	}
	return statements
}

func (s *stack) changeMonitor() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "KeepTopic",
			Action: []string{
				"sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource",
			},
			Resource: []any{s.topic()},
		},
		{Sid: "KeepSubscriptions", Action: []string{"sns:SetSubscriptionAttributes", "sns:Unsubscribe"}, Resource: []any{"*"}},
		{
			Sid: "KeepDatabaseEvents",
			Action: []string{
				"rds:AddTagsToResource", "rds:CreateEventSubscription", "rds:DeleteEventSubscription", "rds:ModifyEventSubscription",
				"rds:RemoveTagsFromResource",
			},
			Resource: s.databaseEvents(),
		},
	}
}

func (s *stack) changeAlarms() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		{
			Sid: "KeepAlarms",
			Action: []string{
				"cloudwatch:DeleteAlarms", "cloudwatch:PutCompositeAlarm", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource",
				"cloudwatch:UntagResource",
			},
			Resource: s.alarms(),
		},
		{
			Sid: "KeepDashboard", Action: []string{"cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"},
			Resource: []any{s.dashboard()},
		},
		{
			Sid: "KeepQueries", Action: []string{"logs:DeleteQueryDefinition", "logs:PutQueryDefinition"},
			Resource: []any{"*"}, // neither has resource-level permissions
		},
	}
	if s.Alerts.SlackTeam != "" {
		statements = append(statements, pass("PassToSlack", "chatbot", s.roleARN("slack")), iamdoc.Statement{
			Sid: "KeepSlack",
			Action: []string{
				"chatbot:CreateSlackChannelConfiguration", "chatbot:DeleteSlackChannelConfiguration", "chatbot:TagResource",
				"chatbot:UntagResource", "chatbot:UpdateSlackChannelConfiguration",
			},
			Resource: []any{s.here.GlobalARN("chatbot", "chat-configuration/slack-channel/"+s.names.Base())},
		})
	}
	return statements
}
