//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagster-ecs/sandbox/internal/account"
)

const (
	// minutesToAlarm bound how long an alarm may take to see three minutes, by the sandbox's clock.
	minutesToAlarm = 8
	serviceWithin  = 3 * time.Minute
)

// pager is somebody who is told by the stack's topic.
type pager struct {
	*cloud
	metrics   *cloudwatch.Client
	queues    *sqs.Client
	queue     *string
	endpoint  string
	namespace string
}

// webserverGone takes the webserver away: its alarm and the one that pages fire, and clear when it is back.
func webserverGone(c *cloud) {
	p := subscribe(c)
	name := func(key string) string { return strings.Replace(p.namespace, "Dagster/", "", 1) + "-" + key }
	p.until("every alarm is OK", func() bool { return len(p.alarming()) == 0 })
	scale(c, 0)
	defer scale(c, 1)
	for _, key := range []string{"webserver-answers", "down"} {
		p.until(key+" fires", func() bool { return slices.Contains(p.alarming(), name(key)) })
	}
	p.hears(name("webserver-answers"), types.StateValueAlarm)
	p.hears(name("down"), types.StateValueAlarm)
	scale(c, 1)
	p.until("every alarm is OK again", func() bool { return len(p.alarming()) == 0 })
	p.hears(name("webserver-answers"), types.StateValueOk)
	p.hears(name("down"), types.StateValueOk)
}

// subscribe subscribes a queue to the topic of the stack's alarms.
func subscribe(c *cloud) *pager {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	config, ctx, topic := account.Config(env), c.t.Context(), c.output("alertsTopicArn")
	p := &pager{
		cloud: c, metrics: cloudwatch.NewFromConfig(config), queues: sqs.NewFromConfig(config), endpoint: env["AWS_ENDPOINT_URL"],
		namespace: "Dagster/" + c.output("dashboardName"),
	}
	policy := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
		"Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": %q}}}]}`, topic)
	made, err := p.queues.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: aws.String("pager"), Attributes: map[string]string{string(sqstypes.QueueAttributeNamePolicy): policy},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	p.queue = made.QueueUrl
	has, err := p.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: p.queue, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := sns.NewFromConfig(config).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: aws.String(has.Attributes["QueueArn"]),
	}); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		if _, err := p.queues.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: p.queue}); err != nil {
			c.t.Error(err)
		}
	})
	return p
}

// scale gives the webserver's service as many tasks as wanted, and waits until they answer, or are gone.
func scale(c *cloud, tasks int32) {
	c.t.Helper()
	if _, err := c.ecs.UpdateService(c.t.Context(), &ecs.UpdateServiceInput{
		Cluster: &c.cluster, Service: &c.web, DesiredCount: &tasks,
	}); err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, serviceWithin, func(ctx context.Context) error {
		described, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &c.cluster, Services: []string{c.web}})
		if err != nil {
			return err
		}
		if running := described.Services[0].RunningCount; running != tasks {
			return fmt.Errorf("%d tasks run", running)
		}
		if tasks == 0 {
			return nil
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.dagster.URL+"/server_info", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
}

// until moves the sandbox's clock minute by minute until something holds.
func (p *pager) until(what string, holds func() bool) {
	p.t.Helper()
	for range minutesToAlarm {
		if holds() {
			return
		}
		p.minute()
	}
	p.t.Fatalf("not within %d minutes: %s; firing: %v", minutesToAlarm, what, p.alarming())
}

// minute moves the clock by a minute, in which the monitor looks once.
func (p *pager) minute() {
	p.t.Helper()
	before := p.looks()
	response, err := http.Post(p.endpoint+"/_sandbox/clock?advance=60", "", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response.Body.Close()
	eventually(p.t, time.Minute, func(context.Context) error {
		if p.looks() == before {
			return errors.New("the monitor has not looked")
		}
		return nil
	})
}

// looks is in how many minutes the monitor looked at the webserver.
func (p *pager) looks() int {
	p.t.Helper()
	found, err := p.metrics.GetMetricStatistics(p.t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: &p.namespace, MetricName: aws.String("WebserverAnswers"), Period: aws.Int32(60),
		StartTime: aws.Time(time.Now().Add(-12 * time.Hour)), EndTime: aws.Time(time.Now().Add(12 * time.Hour)),
		Statistics: []types.Statistic{types.StatisticMaximum},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return len(found.Datapoints)
}

// alarming are the names of the alarms that are not OK.
func (p *pager) alarming() (names []string) {
	p.t.Helper()
	found, err := p.metrics.DescribeAlarms(p.t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, MaxRecords: aws.Int32(100),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, alarm := range found.MetricAlarms {
		if alarm.StateValue != types.StateValueOk {
			names = append(names, *alarm.AlarmName)
		}
	}
	for _, alarm := range found.CompositeAlarms {
		if alarm.StateValue != types.StateValueOk {
			names = append(names, *alarm.AlarmName)
		}
	}
	return names
}

// hears waits for the message that an alarm has a state.
func (p *pager) hears(alarm string, state types.StateValue) {
	p.t.Helper()
	eventually(p.t, time.Minute, func(ctx context.Context) error {
		got, err := p.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: p.queue, MaxNumberOfMessages: 10, VisibilityTimeout: 1})
		if err != nil {
			return err
		}
		for _, each := range got.Messages {
			var message struct{ Message string }
			var told struct{ AlarmName, NewStateValue string }
			if json.Unmarshal([]byte(*each.Body), &message) != nil || json.Unmarshal([]byte(message.Message), &told) != nil {
				continue
			}
			if told.AlarmName == alarm && told.NewStateValue == string(state) {
				return nil
			}
		}
		return fmt.Errorf("nobody is told that %s is %s", alarm, state)
	})
}
