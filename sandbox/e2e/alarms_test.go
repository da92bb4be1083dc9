//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	alarms := []string{c.output("dashboardName") + "-webserver-answers", c.output("dashboardName") + "-down"}
	p.until(alarms, types.StateValueOk)
	scale(c, 0)
	defer scale(c, 1)
	p.until(alarms, types.StateValueAlarm)
	p.hears(alarms, types.StateValueAlarm)
	scale(c, 1)
	p.until(alarms, types.StateValueOk)
	p.hears(alarms, types.StateValueOk)
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

// until moves the sandbox's clock minute by minute until all of some alarms have a state.
func (p *pager) until(alarms []string, state types.StateValue) {
	p.t.Helper()
	var states []types.StateValue
	for range minutesToAlarm {
		if states = p.states(alarms); !slices.ContainsFunc(states, func(each types.StateValue) bool { return each != state }) {
			return
		}
		p.minute()
	}
	p.t.Fatalf("%d minutes later %v are %v, not %s", minutesToAlarm, alarms, states, state)
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

// states are those of some alarms.
func (p *pager) states(alarms []string) (states []types.StateValue) {
	p.t.Helper()
	found, err := p.metrics.DescribeAlarms(p.t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, AlarmNames: alarms,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, alarm := range found.MetricAlarms {
		states = append(states, alarm.StateValue)
	}
	for _, alarm := range found.CompositeAlarms {
		states = append(states, alarm.StateValue)
	}
	if len(states) != len(alarms) {
		p.t.Fatalf("of the alarms %v there are %d", alarms, len(states))
	}
	return states
}

// hears waits for the messages that alarms have a state.
func (p *pager) hears(alarms []string, state types.StateValue) {
	p.t.Helper()
	told := map[string]bool{}
	eventually(p.t, time.Minute, func(ctx context.Context) error {
		got, err := p.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: p.queue, MaxNumberOfMessages: 10})
		if err != nil {
			return err
		}
		for _, each := range got.Messages {
			var envelope struct{ Message string }
			var message struct{ AlarmName, NewStateValue string }
			if json.Unmarshal([]byte(*each.Body), &envelope) == nil && json.Unmarshal([]byte(envelope.Message), &message) == nil {
				told[message.AlarmName+" "+message.NewStateValue] = true
			}
		}
		for _, alarm := range alarms {
			if !told[alarm+" "+string(state)] {
				return fmt.Errorf("nobody is told that %s is %s, only %v", alarm, state, told)
			}
		}
		return nil
	})
}
