//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/reach"
)

// serviceName is of an application service, as Pulumi.dev.yaml names them.
const serviceName = "story-manager.dev.example.com"

var serve = []string{"python", "-m", "http.server", "443", "--directory", "/tmp"}

// services has a run call a service on the internet and one of another team inside of the VPC.
func services(c *cloud) {
	serviceOutside(c)
	address, end := serviceInside(c)
	defer end()
	outside, inside := "http://"+serviceName+":443", "http://"+address+":443"
	id, err := c.dagster.LaunchConfigured(c.t.Context(), "call_services_job", map[string]any{
		"ops": map[string]any{"call": map[string]any{"config": map[string]any{"urls": []string{outside, inside}}}},
	}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.follow(id, runWithin, dagster.Success)
	withoutRoutes(c, outside, inside)
}

// withoutRoutes takes the routes to the NAT gateway away while a run is in progress.
func withoutRoutes(c *cloud, outside, inside string) {
	stack, err := reach.Open(c.t.Context(), c.session)
	if err != nil {
		c.t.Fatal(err)
	}
	routes := stack.Chosen("network-private-route-", false)
	if len(routes) == 0 {
		c.t.Fatal("the stack has no route to a NAT gateway")
	}
	id := c.launch("long_running_job")
	c.follow(id, runWithin, dagster.Started)
	task, err := c.task(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	calls := func(url string) error {
		script := fmt.Sprintf("import urllib.request; urllib.request.urlopen(%q, timeout=5)", url)
		if out, err := c.engine("exec", c.container(aws.ToString(task.TaskArn), c.run), "python", "-c", script); err != nil {
			return errors.New(out)
		}
		return nil
	}
	err = stack.Without(c.t.Context(), routes, func() error {
		if err := calls(outside); err == nil || !strings.Contains(err.Error(), "timed out") {
			c.t.Errorf("without the route a call of the internet ends with %v", err)
		}
		return calls(inside)
	})
	if err != nil {
		c.t.Error(err)
	}
	if err := calls(outside); err != nil {
		c.t.Error(err)
	}
	if err := c.dagster.Terminate(c.t.Context(), id); err != nil {
		c.t.Error(err)
	}
}

// serviceOutside is a server on the sandbox's internet: what is in the engine's network and in no VPC.
func serviceOutside(c *cloud) {
	c.t.Helper()
	e, err := c.session.Attach(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	network := e.Instance.Container()
	image, err := c.engine("inspect", "--format", "{{.Image}}", network)
	if err != nil {
		c.t.Fatal(image, err)
	}
	run := []string{"run", "--detach", "--label", e.Label(), "--network", network, "--network-alias", serviceName, "--entrypoint", serve[0]}
	id, err := c.engine(append(append(run, strings.TrimSpace(image)), serve[1:]...)...)
	if err != nil {
		c.t.Fatal(id, err)
	}
	c.t.Cleanup(func() {
		if out, err := e.Engine.Command(context.Background(), "rm", "--force", strings.TrimSpace(id)).CombinedOutput(); err != nil {
			c.t.Errorf("remove the service: %s %v", out, err)
		}
	})
}

// serviceInside is a task of another team, whose group lets runs in; its address, and what ends it.
func serviceInside(c *cloud) (address string, end func()) {
	c.t.Helper()
	runs := []ec2types.UserIdGroupPair{{GroupId: aws.String(c.output("runSecurityGroupId"))}}
	s := c.started(server{name: "stories", command: serve, subnets: c.texts("privateSubnetIds")},
		ec2types.IpPermission{FromPort: aws.Int32(443), ToPort: aws.Int32(443), UserIdGroupPairs: runs})
	return s.address, s.end
}

// server is what another team runs in the stack's VPC, in a group of its own.
type server struct {
	name    string
	command []string
	subnets []string
	public  ecstypes.AssignPublicIp

	group, task, address string
	end                  func()
}

// started starts a server, whose group lets in what is allowed.
func (c *cloud) started(s server, allowed ec2types.IpPermission) server {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	vpc := ec2.NewFromConfig(account.Config(env))
	group, err := vpc.CreateSecurityGroup(c.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String(s.name), Description: aws.String("A server of another team"), VpcId: aws.String(c.output("vpcId")),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	allowed.IpProtocol = aws.String("tcp")
	if _, err := vpc.AuthorizeSecurityGroupIngress(c.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group.GroupId, IpPermissions: []ec2types.IpPermission{allowed},
	}); err != nil {
		c.t.Fatal(err)
	}
	s.group = aws.ToString(group.GroupId)
	s.task, s.address = c.runServer(s)
	s.end = func() {
		if _, err := c.ecs.StopTask(c.t.Context(), &ecs.StopTaskInput{Cluster: aws.String(c.cluster), Task: aws.String(s.task)}); err != nil {
			c.t.Error(err)
		}
		// Its interface is there until it has stopped.
		eventually(c.t, time.Minute, func(ctx context.Context) error {
			_, err := vpc.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group.GroupId})
			return err
		})
	}
	return s
}

// runServer runs a server's task, and answers its ARN and address in the VPC.
func (c *cloud) runServer(s server) (task, address string) {
	c.t.Helper()
	described, err := c.ecs.DescribeTaskDefinition(c.t.Context(), &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: aws.String(c.output("gatewayTaskDefinitionArn")),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	like := described.TaskDefinition
	made, err := c.ecs.RegisterTaskDefinition(c.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(s.name), Cpu: like.Cpu, Memory: like.Memory, ExecutionRoleArn: like.ExecutionRoleArn,
		NetworkMode: ecstypes.NetworkModeAwsvpc, RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String(s.name), Image: like.ContainerDefinitions[0].Image, EntryPoint: s.command[:1], Command: s.command[1:],
			User: aws.String("0:0"), Essential: aws.Bool(true),
		}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	started, err := c.ecs.RunTask(c.t.Context(), &ecs.RunTaskInput{
		Cluster: aws.String(c.cluster), TaskDefinition: made.TaskDefinition.TaskDefinitionArn, LaunchType: ecstypes.LaunchTypeFargate,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
			Subnets: s.subnets, SecurityGroups: []string{s.group}, AssignPublicIp: s.public,
		}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	task = aws.ToString(started.Tasks[0].TaskArn)
	eventually(c.t, time.Minute, func(context.Context) error {
		described := c.describe(task)
		if status := aws.ToString(described.LastStatus); status != "RUNNING" {
			return fmt.Errorf("%s is %s: %s", s.name, status, aws.ToString(described.StoppedReason))
		}
		address = aws.ToString(described.Containers[0].NetworkInterfaces[0].PrivateIpv4Address)
		return nil
	})
	return task, address
}

// texts reads a stack output as a list of texts.
func (c *cloud) texts(name string) (list []string) {
	c.t.Helper()
	values, _ := c.outputs()[name].([]any)
	for _, each := range values {
		list = append(list, fmt.Sprint(each))
	}
	return list
}
