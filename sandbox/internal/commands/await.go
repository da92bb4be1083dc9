package commands

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"dagster-ecs/sandbox/internal/dagster"
	"dagster-ecs/sandbox/internal/deploy"
	"dagster-ecs/sandbox/internal/instance"
	"dagster-ecs/sandbox/internal/tasks"
)

// readyWithin bounds how long Dagster may take to answer after the deployment.
const readyWithin = 5 * time.Minute

// awaitDagster returns when each service runs what was deployed, the UI answers through the load balancer and every
// required daemon is healthy. A service that was rolled back is an error at once.
func (s *Session) awaitDagster(ctx context.Context, i *instance.Instance) (err error) {
	end := s.Progress.Step("wait for Dagster: the UI answers, the daemon is healthy")
	defer func() { end(err) }()
	services, err := deploy.Services(i.StackDir(s.Stack), s.Stack)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	account, client := tasks.New(i.Env()), dagster.New(i.UI(s.Stack))
	return s.tellingOfTasks(ctx, account, func() []tasks.Service { return services }, func() error {
		for {
			rolledBack, err := account.RolledBack(ctx, services)
			if err != nil || len(rolledBack) > 0 {
				return errors.Join(append(rolledBack, err)...)
			}
			lacking := settling(ctx, account, services)
			if lacking == nil {
				lacking = lacks(ctx, client)
			}
			if lacking == nil {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("wait for Dagster: %w (`%s` shows what it says)", lacking, s.Line("logs"))
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
}

func settling(ctx context.Context, account *tasks.Client, services []tasks.Service) error {
	name, err := account.Settling(ctx, services)
	if err == nil && name != "" {
		err = fmt.Errorf("the deployment of %s has not ended yet", name)
	}
	return err
}

// lacks says why Dagster is not ready, or nil.
func lacks(ctx context.Context, client *dagster.Client) error {
	if _, err := client.ServerInfo(ctx); err != nil {
		return err
	}
	daemons, err := client.Daemons(ctx)
	if err != nil {
		return err
	}
	if names := dagster.Unhealthy(daemons); len(names) > 0 || len(daemons) == 0 {
		return fmt.Errorf("the daemon is not healthy yet: %s", strings.Join(names, ", "))
	}
	_, err = client.Jobs(ctx)
	return err
}

// tellingOfTasks runs do, and meanwhile tells why tasks of the services stop that are waited for.
func (s *Session) tellingOfTasks(ctx context.Context, client *tasks.Client, awaited func() []tasks.Service, do func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		last := map[string]string{}
		client.Watch(ctx, awaited, func(service, text string) {
			if last[service] == text {
				text = service + ": the same again"
			} else {
				last[service] = text
			}
			s.Progress.Note("  %s", text)
		})
	})
	err := do()
	cancel()
	group.Wait()
	return err
}
