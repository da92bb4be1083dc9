package commands

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/internal/logline"
	"dagster-ecs/sandbox/internal/account"
)

// Status prints which containers the sandbox runs, and of each of its stacks whether its Dagster answers and where. Podman's
// own command does not show those containers, since the sandbox has a storage of its own.
func (s *Session) Status(ctx context.Context) error {
	e, err := s.Attach(ctx)
	if err != nil {
		return err
	}
	table, err := e.Engine.Run(ctx, "ps", "--all", "--filter", "label="+e.Label(), "--format", "table {{.Names}}\t{{.Status}}")
	if err != nil {
		return fmt.Errorf("list the sandbox's containers: %w", err)
	}
	fmt.Fprintf(s.Out, "sandbox %s, account %s, region %s\n%s\n", s.Name, e.Instance.Account, e.Instance.Region, table)
	deployed, err := deployedIn(e.Instance)
	if err != nil {
		return err
	}
	for _, stack := range e.Instance.Stacks() {
		url := e.Instance.UI(stack)
		if !slices.Contains(deployed, stack) {
			fmt.Fprintf(s.Out, "stack %s: nothing is deployed\n", stack)
		} else if lacking := lacks(ctx, dagster.New(url)); lacking != nil {
			fmt.Fprintf(s.Out, "stack %s: Dagster is not ready: %v\n", stack, lacking)
		} else {
			fmt.Fprintf(s.Out, "stack %s: Dagster is ready: %s\n", stack, url)
		}
		if tunnel := tunnelOf(e.Instance, stack); tunnel.Known() && slices.Contains(deployed, stack) {
			if _, runs := tunnel.Runs(); runs {
				fmt.Fprintf(s.Out, "stack %s: the tunnel into its network runs, its words are in %s\n", stack, tunnel.Said())
			} else {
				fmt.Fprintf(s.Out, "stack %s: no tunnel runs into its network: `make up` opens one\n", stack)
			}
		}
	}
	return nil
}

// logGroups are the names of the groups that the stack puts out.
func (s *Session) logGroups(ctx context.Context) (names []string, err error) {
	outputs, err := s.Outputs(ctx)
	if err != nil {
		return nil, err
	}
	groups, _ := outputs["logGroups"].(map[string]any)
	for _, each := range groups {
		if name, ok := each.(string); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the stack %s of the instance %s has no log groups: nothing is deployed", s.Stack, s.Name)
	}
	sort.Strings(names)
	return names, nil
}

// Logs prints what webserver, daemon and runs have written to CloudWatch Logs since the given age, and goes on until
// the context ends when follow is set.
func (s *Session) Logs(ctx context.Context, age time.Duration, follow bool) error {
	env, err := s.Environment(ctx)
	if err != nil {
		return err
	}
	groups, err := s.logGroups(ctx)
	if err != nil {
		return err
	}
	client := cloudwatchlogs.NewFromConfig(account.Config(env))
	since := map[string]int64{}
	for _, group := range groups {
		since[group] = time.Now().Add(-age).UnixMilli()
	}
	for {
		for _, group := range groups {
			if since[group], err = s.printGroup(ctx, client, group, since[group]); err != nil {
				return err
			}
		}
		if !follow {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// printGroup prints the events from a time on, and answers the time after the last.
func (s *Session) printGroup(ctx context.Context, client *cloudwatchlogs.Client, group string, from int64) (int64, error) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(client, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: aws.String(group), StartTime: aws.Int64(from),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return from, fmt.Errorf("read the log group %s: %w", group, err)
		}
		for _, event := range page.Events {
			fmt.Fprintf(s.Out, "%s %s\n", group, logline.Readable(aws.ToString(event.Message)))
			from = max(from, aws.ToInt64(event.Timestamp)+1)
		}
	}
	return from, nil
}
