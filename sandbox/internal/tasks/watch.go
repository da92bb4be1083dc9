package tasks

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// watchEvery is how often Watch asks.
const watchEvery = 3 * time.Second

// Watch tells of each task of a service that fails from now on, and of what ECS says in a service's events that it cannot
// do, until ctx ends and while needed says that somebody waits. What cannot be asked is left out: whoever waits is told
// of that by what it waits for.
func (c *Client) Watch(ctx context.Context, needed func() bool, tell func(service, text string)) {
	told, begin := map[string]bool{}, time.Now().Truncate(time.Second) // ECS's times may be whole seconds
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		if needed() {
			c.tellOfTasks(ctx, begin, told, tell)
			c.tellOfEvents(ctx, begin, told, tell)
		}
	}
}

func (c *Client) tellOfTasks(ctx context.Context, begin time.Time, told map[string]bool, tell func(service, text string)) {
	stopped, err := c.stopped(ctx)
	if err != nil {
		return
	}
	for _, task := range stopped {
		arn := aws.ToString(task.TaskArn)
		ofService := strings.HasPrefix(aws.ToString(task.Group), servicePrefix)
		if told[arn] || !ofService || !failed(task) || aws.ToTime(task.StoppedAt).Before(begin) {
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

func (c *Client) tellOfEvents(ctx context.Context, begin time.Time, told map[string]bool, tell func(service, text string)) {
	clusters, err := c.clusters(ctx)
	if err != nil {
		return
	}
	for _, cluster := range clusters {
		list, err := c.ecs.ListServices(ctx, &ecs.ListServicesInput{Cluster: aws.String(cluster)})
		if err != nil || len(list.ServiceArns) == 0 {
			continue
		}
		answer, err := c.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: list.ServiceArns})
		if err != nil {
			continue
		}
		for _, service := range answer.Services {
			events := slices.Clone(service.Events)
			slices.Reverse(events) // the newest comes first
			for _, event := range events {
				id, text := aws.ToString(event.Id), aws.ToString(event.Message)
				if !told[id] && worrying.MatchString(text) && !aws.ToTime(event.CreatedAt).Before(begin) {
					told[id] = true
					tell(aws.ToString(service.ServiceName), text)
				}
			}
		}
	}
}
