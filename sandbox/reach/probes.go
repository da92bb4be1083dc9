package reach

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/taskrun"
	"dagster-ecs/internal/taskstop"
)

// probeScript does on the network what a workload does.
//
//go:embed probe.py
var probeScript string

// workload is how tasks of a workload are started, and what they do on the network.
type workload struct {
	definition, container, group string
	does                         []string
}

const (
	// taskPatience bounds a task that only asks around, from its start to its end.
	taskPatience = 3 * time.Minute
	taskPoll     = 300 * time.Millisecond
	// uiPatience is many times what the UI takes, and uiSockets are more than the load balancer has connections to use again.
	uiPatience = 30 * time.Second
	uiSockets  = 24
	// tunnelPatience is for a gateway's task to start.
	tunnelPatience = 3 * time.Minute
	// uiProbe is the name of the probe that is no task.
	uiProbe = "UI"
)

// tasks probe the workloads of a stack, each by a task of its own definition in its group.
type tasks struct {
	ecs     *ecs.Client
	ssm     *ssm.Client
	stops   taskstop.Reader
	cluster string
	// workloads are by name.
	workloads map[string]workload
}

// look gives what fails of some workloads, each a task in the subnet, and of the UI where it is among them, with why.
func (s *Stack) look(ctx context.Context, subnet string, names []string) (failed map[string]string, err error) {
	looks := map[string]func() (string, error){}
	for _, name := range names {
		if each, known := s.tasks.workloads[name]; known {
			looks[name] = func() (string, error) { return s.tasks.run(ctx, each, subnet) }
		}
		switch name {
		case "gateway":
			looks[sessionProbe] = func() (string, error) { return s.tasks.lookSession(ctx, subnet) }
		case uiProbe:
			looks[uiProbe] = func() (string, error) { return lookUI(ctx, s.url), nil }
		case monitorProbe:
			if s.monitor != "" {
				looks[monitorProbe] = func() (string, error) { return lookMonitor(ctx, s.lambda, s.monitor) }
			}
		}
	}
	failed = map[string]string{}
	var lock sync.Mutex
	var group sync.WaitGroup
	for name, look := range looks {
		group.Go(func() {
			said, problem := look()
			lock.Lock()
			defer lock.Unlock()
			err = errors.Join(err, problem)
			if said != "" {
				failed[name] = said
			}
		})
	}
	group.Wait()
	return failed, err
}

// run runs one task to its end and gives why it failed; empty where it did not.
func (p tasks) run(ctx context.Context, w workload, subnet string) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, taskPatience)
	defer cancel()
	input := p.input(w, subnet)
	input.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{
		Name: aws.String(w.container), Command: append([]string{"python", "-c", probeScript}, w.does...),
	}}}
	task, err := p.start(ctx, w, input, taskrun.Stopped)
	if err != nil || !taskstop.Failed(task) {
		return "", err
	}
	return p.stops.Of(ctx, task).String(), nil
}

func (p tasks) input(w workload, subnet string) *ecs.RunTaskInput {
	return &ecs.RunTaskInput{
		Cluster: aws.String(p.cluster), TaskDefinition: aws.String(w.definition), LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: []string{subnet}, SecurityGroups: []string{w.group},
		}},
	}
}

// start starts a task and waits until it is as wanted, or has stopped.
func (p tasks) start(ctx context.Context, w workload, input *ecs.RunTaskInput, wanted func(types.Task) bool) (types.Task, error) {
	started, err := p.ecs.RunTask(ctx, input)
	if err != nil || len(started.Tasks) != 1 {
		return types.Task{}, fmt.Errorf("start a task of %s: %w", w.container, err)
	}
	for {
		described, err := p.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{
			Cluster: aws.String(p.cluster), Tasks: []string{aws.ToString(started.Tasks[0].TaskArn)},
		})
		if err != nil {
			return types.Task{}, fmt.Errorf("wait for a task of %s: %w", w.container, err)
		}
		if task := described.Tasks[0]; taskrun.Stopped(task) || wanted(task) {
			return task, nil
		}
		if err := awsapi.Pause(ctx, taskPoll); err != nil {
			return types.Task{}, fmt.Errorf("wait for a task of %s: %w", w.container, err)
		}
	}
}

// awaitUI asks the UI once: a tunnel that was idle starts a task first.
func awaitUI(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, tunnelPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/server_info", nil)
	if err != nil {
		return fmt.Errorf("ask the UI: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the UI: %w", err)
	}
	return response.Body.Close()
}

// lookUI opens websockets through the load balancer, as many browsers do, and gives why one is not opened. Each takes a
// connection to the webserver for itself.
func lookUI(ctx context.Context, url string) string {
	ctx, cancel := context.WithTimeout(ctx, uiPatience)
	defer cancel()
	answers := make(chan string, uiSockets)
	for range uiSockets {
		go func() { answers <- insist(ctx, url+"/graphql") }()
	}
	for range uiSockets {
		if said := <-answers; said != "" {
			return said
		}
	}
	return ""
}

// insist opens a websocket, again where it fails: a webserver that is busy drops one that it has not accepted for long.
func insist(ctx context.Context, url string) (said string) {
	for {
		answer := socket(ctx, url)
		if answer == "" || said == "" || ctx.Err() == nil {
			said = answer
		}
		if said == "" || awsapi.Pause(ctx, taskPoll) != nil {
			return said
		}
	}
}

// socket opens a websocket that stays open as long as ctx.
func socket(ctx context.Context, url string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	for key, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-ws",
	} {
		request.Header.Set(key, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return err.Error()
	}
	context.AfterFunc(ctx, func() { response.Body.Close() })
	if response.StatusCode != http.StatusSwitchingProtocols {
		return response.Status
	}
	return ""
}
