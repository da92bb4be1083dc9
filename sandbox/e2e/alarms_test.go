//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

const (
	// minutesToAlarm bound how long an alarm may take, by the sandbox's clock: three times five minutes, of which the first
	// has begun, and what its metric needs.
	minutesToAlarm = 25
	serviceWithin  = 5 * time.Minute
	signWithin     = 12 * time.Minute
)

// trouble is something that goes wrong, and the alarms that tell it.
type trouble struct {
	what   string
	alarms []string
	// strike makes it, and gives what cures it.
	strike func(*pager) (cure func())
	// signs are what has to be seen in real time before the clock may move: it moves no time of Dagster's.
	signs []sign
}

// sign is a metric of the stack's own that is too large.
type sign struct {
	metric string
	least  float64
	// counted says that lines of a log are counted, of which old ones stay.
	counted bool
}

// value is what the metric is now: the last one, or how many lines a quarter of an hour had.
func (s sign) value(p *pager) (value float64) {
	for _, each := range p.points(s.metric, 15*time.Minute) {
		if s.counted {
			value += aws.ToFloat64(each.Sum)
		} else {
			value = aws.ToFloat64(each.Maximum)
		}
	}
	return value
}

// told is what became of an alarm: by the sandbox's clock how long after its fault it fired and after the cure it cleared.
type told struct {
	alarm, fault   string
	fired, cleared time.Duration
}

// suffer lets faults happen side by side until each of their alarms has told it, cures them, the last one first, and waits
// until each has told that as well.
func (p *pager) suffer(faults ...trouble) (all []told) {
	p.t.Helper()
	since, of := map[string]time.Time{}, map[string]*told{}
	var cures []func()
	cure := func() {
		for len(cures) > 0 {
			last := cures[len(cures)-1]
			cures = cures[:len(cures)-1]
			last()
		}
	}
	defer cure()
	for _, each := range faults {
		p.t.Logf("fault: %s", each.what)
		for _, alarm := range each.alarms {
			since[alarm], of[alarm] = p.move(0), &told{alarm: alarm, fault: each.what}
		}
		cures = append(cures, each.strike(p))
	}
	p.awaitSigns(faults, true)
	p.until(since, types.StateValueAlarm, func(alarm string, at time.Time) {
		of[alarm].fired = at.Sub(since[alarm])
		p.t.Logf("%s fired %s s after: %s", alarm, seconds(of[alarm].fired), of[alarm].fault)
	})
	cured := p.move(0)
	cure()
	p.awaitSigns(faults, false)
	for alarm, at := range since {
		since[alarm] = at.Add(of[alarm].fired)
	}
	p.until(since, types.StateValueOk, func(alarm string, at time.Time) {
		// A line that was counted once is forgotten without a cure.
		of[alarm].cleared = max(0, at.Sub(cured))
		p.t.Logf("%s cleared %s s after the cure", alarm, seconds(of[alarm].cleared))
	})
	for _, each := range faults {
		for _, alarm := range each.alarms {
			all = append(all, *of[alarm])
		}
	}
	return all
}

// awaitSigns waits in real time until the signs of faults are seen, or seen no more.
func (p *pager) awaitSigns(faults []trouble, wanted bool) {
	p.t.Helper()
	for _, each := range faults {
		for _, sign := range each.signs {
			if sign.counted && !wanted {
				continue
			}
			eventually(p.t, signWithin, func(context.Context) error {
				if value := sign.value(p); (value >= sign.least) != wanted {
					return fmt.Errorf("%s is %v, of %v", sign.metric, value, sign.least)
				}
				return nil
			})
		}
	}
}

// webserverGone takes the webserver away, which people notice.
func webserverGone(c *cloud) {
	p := subscribe(c)
	p.well(deadWeb.alarms...)
	p.suffer(deadWeb)
}

// deadWeb is a webserver without a task.
var deadWeb = trouble{
	what:   "the webserver's service has no task, and people ask",
	alarms: []string{"webserver-answers", "webserver-targets", "webserver-errors", "down"},
	strike: func(p *pager) func() {
		p.scale(p.web, 0)
		for range 30 {
			if response, err := http.Get(p.dagster.URL + "/server_info"); err == nil {
				response.Body.Close()
			}
		}
		return func() {
			p.scale(p.web, 1)
			p.answers()
		}
	},
}

// scale gives a service as many tasks as wanted, and waits until they run, or are gone.
func (p *pager) scale(service string, tasks int32) {
	p.t.Helper()
	if _, err := p.ecs.UpdateService(p.t.Context(), &ecs.UpdateServiceInput{
		Cluster: &p.cluster, Service: &service, DesiredCount: &tasks,
	}); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, serviceWithin, func(ctx context.Context) error {
		described, err := p.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &p.cluster, Services: []string{service}})
		if err == nil && described.Services[0].RunningCount != tasks {
			err = fmt.Errorf("%d tasks of %s run", described.Services[0].RunningCount, service)
		}
		return err
	})
}

// answers waits until the webserver does.
func (p *pager) answers() {
	p.t.Helper()
	eventually(p.t, serviceWithin, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.dagster.URL+"/server_info", nil)
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
