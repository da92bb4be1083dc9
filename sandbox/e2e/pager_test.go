//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"dagster-ecs/sandbox/internal/account"
)

// lookWithin is how long a look of the monitor is waited for. It waits longer for a webserver that hangs, and is late then.
const lookWithin = 20 * time.Second

// pager is somebody who is told by the stack's topic, and who may move the clock of metrics and alarms.
type pager struct {
	*cloud
	metrics   *cloudwatch.Client
	queues    *sqs.Client
	queue     *string
	endpoint  string
	stack     string
	namespace string
	// told is what came so far, by the alarm's key.
	told map[string][]change
	// events are the sections of the runbook that messages about events named.
	events map[string]bool
}

// change is the message that an alarm has a state.
type change struct {
	state types.StateValue
	at    time.Time
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
		stack: c.output("dashboardName"), told: map[string][]change{}, events: map[string]bool{},
	}
	p.namespace = "Dagster/" + p.stack
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

// name is an alarm's name.
func (p *pager) name(key string) string { return p.stack + "-" + key }

// ask asks the sandbox for what no call of AWS does.
func (p *pager) ask(what string) []byte {
	p.t.Helper()
	response, err := http.Post(p.endpoint+"/_sandbox/"+what, "", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s is answered by %s: %s %v", what, response.Status, text, err)
	}
	return text
}

// move moves the clock of metrics and alarms ahead, and gives its time.
func (p *pager) move(by time.Duration) time.Time {
	p.t.Helper()
	var answer struct{ Time float64 }
	if err := json.Unmarshal(p.ask(fmt.Sprintf("clock?advance=%d", int(by.Seconds()))), &answer); err != nil {
		p.t.Fatal(err)
	}
	return time.UnixMicro(int64(answer.Time * 1e6))
}

// minute moves the clock by a minute, in which the monitor looks once.
func (p *pager) minute() {
	p.t.Helper()
	const shown = 12 * time.Hour
	before := len(p.points("WebserverAnswers", shown))
	p.move(time.Minute)
	for end := time.Now().Add(lookWithin); time.Now().Before(end) && len(p.points("WebserverAnswers", shown)) == before; {
		time.Sleep(200 * time.Millisecond)
	}
}

// points are what one of the stack's own metrics was in the last minutes, the first of them first.
func (p *pager) points(metric string, within time.Duration) []types.Datapoint {
	p.t.Helper()
	now := p.move(0)
	found, err := p.metrics.GetMetricStatistics(p.t.Context(), &cloudwatch.GetMetricStatisticsInput{
		Namespace: &p.namespace, MetricName: &metric, Period: aws.Int32(60), StartTime: aws.Time(now.Add(-within)),
		EndTime: aws.Time(now.Add(time.Minute)), Statistics: []types.Statistic{types.StatisticMaximum, types.StatisticSum},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	slices.SortFunc(found.Datapoints, func(a, b types.Datapoint) int { return a.Timestamp.Compare(*b.Timestamp) })
	return found.Datapoints
}

// states are those of all alarms, by their keys.
func (p *pager) states() map[string]types.StateValue {
	p.t.Helper()
	found, err := p.metrics.DescribeAlarms(p.t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, AlarmNamePrefix: aws.String(p.name("")),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	states := map[string]types.StateValue{}
	for _, alarm := range found.MetricAlarms {
		states[strings.TrimPrefix(*alarm.AlarmName, p.name(""))] = alarm.StateValue
	}
	for _, alarm := range found.CompositeAlarms {
		states[strings.TrimPrefix(*alarm.AlarmName, p.name(""))] = alarm.StateValue
	}
	return states
}

// well waits until some alarms, or all, have seen that all is well.
func (p *pager) well(alarms ...string) {
	p.t.Helper()
	var wrong []string
	for range minutesToAlarm {
		wrong = nil
		for key, state := range p.states() {
			if state != types.StateValueOk && (len(alarms) == 0 || slices.Contains(alarms, key)) {
				wrong = append(wrong, fmt.Sprint(key, " is ", state))
			}
		}
		if len(wrong) == 0 {
			return
		}
		p.minute()
	}
	p.t.Fatalf("%d minutes later not all is well: %v", minutesToAlarm, wrong)
}

// until moves the clock minute by minute until it was told of each alarm that it has had a state since a time, and gives
// when that was.
func (p *pager) until(since map[string]time.Time, state types.StateValue, heard func(key string, at time.Time)) {
	p.t.Helper()
	waits := map[string]bool{}
	for key := range since {
		waits[key] = true
	}
	for range minutesToAlarm {
		p.listen()
		for key := range waits {
			for _, each := range p.told[key] {
				if each.state == state && each.at.After(since[key]) {
					heard(key, each.at)
					delete(waits, key)
					break
				}
			}
		}
		if len(waits) == 0 {
			return
		}
		p.minute()
	}
	p.t.Errorf("%d minutes later nobody was told that these are %s: %v; the alarms are %v", minutesToAlarm, state, waits, p.states())
}

// listen takes the messages that came.
func (p *pager) listen() {
	p.t.Helper()
	for {
		got, err := p.queues.ReceiveMessage(p.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: p.queue, MaxNumberOfMessages: 10})
		if err != nil {
			p.t.Fatal(err)
		}
		if len(got.Messages) == 0 {
			return
		}
		for _, each := range got.Messages {
			p.hear(*each.Body)
			if _, err := p.queues.DeleteMessage(p.t.Context(), &sqs.DeleteMessageInput{
				QueueUrl: p.queue, ReceiptHandle: each.ReceiptHandle,
			}); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// event is how a message about an event ends.
var event = regexp.MustCompile(`See docs/operations\.md, ([a-z-]+)`)

// toldOf waits until a message about an event came.
func (p *pager) toldOf(kind string) {
	p.t.Helper()
	eventually(p.t, time.Minute, func(context.Context) error {
		if p.listen(); !p.events[kind] {
			return fmt.Errorf("nobody was told of the event %s, only of %v", kind, p.events)
		}
		return nil
	})
}

// hear notes a message of an alarm, or about an event.
func (p *pager) hear(body string) {
	var envelope struct{ Message string }
	var message struct{ AlarmName, NewStateValue, StateChangeTime string }
	if found := event.FindStringSubmatch(body); found != nil {
		p.events[found[1]] = true
	}
	if json.Unmarshal([]byte(body), &envelope) != nil || json.Unmarshal([]byte(envelope.Message), &message) != nil || message.AlarmName == "" {
		return
	}
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", message.StateChangeTime)
	if err != nil {
		p.t.Fatal(err)
	}
	key := strings.TrimPrefix(message.AlarmName, p.name(""))
	p.told[key] = append(p.told[key], change{types.StateValue(message.NewStateValue), at})
}

// seconds writes a time between two others.
func seconds(of time.Duration) string { return strconv.Itoa(int(of.Round(time.Second).Seconds())) }
