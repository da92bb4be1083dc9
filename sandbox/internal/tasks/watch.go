package tasks

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// watchEvery is how often Watch asks.
const watchEvery = 3 * time.Second

// Watch tells of each task of the awaited services that fails from now on, and of what ECS says in their events that it
// cannot do, until ctx ends. What cannot be asked is left out: whoever waits is told of that by what it waits for.
func (c *Client) Watch(ctx context.Context, awaited func() []Service, tell func(service, text string)) {
	told, begin := map[string]bool{}, time.Now().Truncate(time.Second) // ECS's times may be whole seconds
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		services := awaited()
		c.tellOfTasks(ctx, services, begin, told, tell)
		c.tellOfEvents(ctx, services, begin, told, tell)
	}
}

func (c *Client) tellOfTasks(
	ctx context.Context, services []Service, begin time.Time, told map[string]bool, tell func(service, text string),
) {
	stopped, err := c.stopped(ctx, services)
	if err != nil {
		return
	}
	for _, task := range stopped {
		arn := aws.ToString(task.TaskArn)
		if told[arn] || !ofAny(services, task) || !failed(task) || aws.ToTime(task.StoppedAt).Before(begin) {
			continue
		}
		if stop, err := c.describe(ctx, task); err == nil {
			told[arn] = true
			tell(stop.of, stop.String())
		}
	}
}

// worrying are the events that say that a service does not come up: that it cannot start or place a task, that a target is
// unhealthy, that a deployment failed or was rolled back
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html).
var worrying = regexp.MustCompile(`unable to|fail|unhealthy|roll(ing|ed) back`)

func (c *Client) tellOfEvents(
	ctx context.Context, services []Service, begin time.Time, told map[string]bool, tell func(service, text string),
) {
	for _, each := range services {
		service, err := c.service(ctx, each)
		if err != nil {
			continue
		}
		events := slices.Clone(service.Events)
		slices.Reverse(events) // the newest comes first
		for _, event := range events {
			id, text := aws.ToString(event.Id), aws.ToString(event.Message)
			if !told[id] && worrying.MatchString(text) && !aws.ToTime(event.CreatedAt).Before(begin) {
				told[id] = true
				tell(each.Name, text)
			}
		}
	}
}
