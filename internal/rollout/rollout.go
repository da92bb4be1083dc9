// Package rollout waits for what becomes of a service's deployment on ECS, tells how it goes, and says why one failed.
//
// With the circuit breaker ECS takes a service back to its last completed deployment when the tasks of a new one keep
// failing (ECS developer guide, "How the Amazon ECS deployment circuit breaker detects failures"). Neither Pulumi nor its
// provider calls that a failure.
package rollout

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskstop"
)

const (
	// every is how often ECS is asked.
	every = 3 * time.Second
	// patience bounds a deployment. The circuit breaker ends it earlier: three tasks that fail their health check, of which
	// each has a daemon's 8 minutes, are 24.
	patience = 45 * time.Minute
	// backPatience bounds the way back to the last completed deployment.
	backPatience = 10 * time.Minute
)

// api is what is asked of ECS.
type api interface {
	DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
}

// Service is a service as it was deployed.
type Service struct {
	// Cluster is the cluster's name or ARN.
	Cluster string
	// Name is the service's name.
	Name string
	// Definition is the ARN of the task definition that it was given last.
	Definition string
	// Changed says that it was created or changed just now: an answer of ECS may be older than that, so that it takes two
	// that say the same to be sure. Default false.
	Changed bool
}

// Watch asks one account and region.
type Watch struct {
	ecs                           api
	stops                         taskstop.Reader
	every, patience, backPatience time.Duration
}

// Open makes a watch of a region, with the credentials that the provider takes.
func Open(ctx context.Context, region string) (*Watch, error) {
	config, err := awsapi.Load(ctx, region)
	if err != nil {
		return nil, err
	}
	client := ecs.NewFromConfig(config)
	return &Watch{
		ecs: client, stops: taskstop.Reader{ECS: client, Logs: cloudwatchlogs.NewFromConfig(config)},
		every: every, patience: patience, backPatience: backPatience,
	}, nil
}

// Await returns when the service's tasks are those of its definition, and tells of each step on the way. A deployment
// that failed is an error, with why its tasks stopped and where their log is; where ECS takes the service back, it comes
// when that has ended.
func (w *Watch) Await(ctx context.Context, service Service, tell func(string)) error {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	seen := progress{tell: tell, since: begin}
	var followed, last string
	sure := !service.Changed
	for {
		now, err := w.describe(ctx, service)
		if err != nil {
			return err
		}
		if followed == "" {
			followed = of(now, service.Definition)
		}
		if seen.tellOf(now, followed) {
			if stop, err := w.lastStop(ctx, service, now, followed); err == nil && stop != nil && stop.Line() != last {
				last = stop.Line()
				tell(stop.String())
			}
		}
		state := judge(now, followed)
		if state != underWay && sure {
			return w.end(ctx, service, state, now, followed)
		}
		sure = state != underWay
		if err := awsapi.Pause(ctx, w.every); err != nil {
			return fmt.Errorf("the deployment of %s on service %s has not ended within %s: %w",
				awsapi.ShortName(service.Definition), service.Name, time.Since(begin).Round(time.Second), err)
		}
	}
}

// Look says without waiting why the service's tasks are not those of its definition, or are not going to be. It is nil
// while a deployment is under way, and where nothing shows that there ever was one: the next update may bring it.
func (w *Watch) Look(ctx context.Context, service Service) error {
	now, err := w.describe(ctx, service)
	if err != nil {
		return err
	}
	followed := of(now, service.Definition)
	if state := judge(now, followed); state != stalled && state != takenBack {
		return nil
	}
	if followed == "" {
		if stop, err := w.lastStop(ctx, service, now, followed); err != nil || stop == nil {
			return nil
		}
	}
	return w.failure(ctx, service, now, followed)
}

type state int

const (
	underWay state = iota
	completed
	// stalled is a failed deployment with nothing to go back to.
	stalled
	// takenBack is a failed deployment whose place another one has taken.
	takenBack
)

// judge says what has become of a deployment.
func judge(service types.Service, followed string) state {
	deployment, shown := find(service, followed)
	primary := shown && aws.ToString(deployment.Status) == "PRIMARY"
	switch {
	case !primary:
		return takenBack
	case deployment.RolloutState == types.DeploymentRolloutStateCompleted:
		return completed
	case deployment.RolloutState == types.DeploymentRolloutStateFailed:
		return stalled
	}
	return underWay
}

// end waits for the way back of a deployment that was taken back, and says what happened.
func (w *Watch) end(ctx context.Context, service Service, was state, now types.Service, followed string) error {
	if was == completed {
		return nil
	}
	failure := w.failure(ctx, service, now, followed)
	if was == stalled {
		return failure
	}
	ctx, cancel := context.WithTimeout(ctx, w.backPatience)
	defer cancel()
	for {
		back := primaryOf(now)
		switch back.RolloutState {
		case types.DeploymentRolloutStateCompleted:
			return failure
		case types.DeploymentRolloutStateFailed:
			return fmt.Errorf("%w\n  The way back failed as well: %s", failure, aws.ToString(back.RolloutStateReason))
		}
		if awsapi.Pause(ctx, w.every) != nil {
			return fmt.Errorf("%w\n  The way back has not ended yet", failure)
		}
		var err error
		if now, err = w.describe(ctx, service); err != nil {
			return fmt.Errorf("%w\n  Whether the way back has ended is not known: %w", failure, err)
		}
	}
}

func (w *Watch) describe(ctx context.Context, service Service) (types.Service, error) {
	answer, err := w.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(service.Cluster), Services: []string{service.Name},
	})
	if err != nil {
		return types.Service{}, fmt.Errorf("describe service %s: %w", service.Name, err)
	}
	if len(answer.Services) != 1 || aws.ToString(answer.Services[0].Status) != "ACTIVE" {
		return types.Service{}, fmt.Errorf("describe service %s: it is gone: `pulumi up --refresh` makes it anew", service.Name)
	}
	return answer.Services[0], nil
}

// of is the id of the newest deployment of a definition that is shown, or "".
func of(service types.Service, definition string) string {
	var newest types.Deployment
	for _, each := range service.Deployments {
		if aws.ToString(each.TaskDefinition) == definition && !aws.ToTime(each.CreatedAt).Before(aws.ToTime(newest.CreatedAt)) {
			newest = each
		}
	}
	return aws.ToString(newest.Id)
}

func find(service types.Service, id string) (types.Deployment, bool) {
	i := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return id != "" && aws.ToString(d.Id) == id })
	if i < 0 {
		return types.Deployment{}, false
	}
	return service.Deployments[i], true
}

func primaryOf(service types.Service) types.Deployment {
	i := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Status) == "PRIMARY" })
	if i < 0 {
		return types.Deployment{}
	}
	return service.Deployments[i]
}
