//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/commands"
)

// joined brings up another stack in the sandbox of c, which shares its account, with some settings changed.
func joined(c *cloud, stack string, set map[string]string) *cloud {
	c.t.Helper()
	s := *c.session
	s.Stack, s.Set = stack, set
	if _, err := s.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return connect(c.t, &s)
}

// devBeside brings dev up in prod's network, and destroys it again, while prod goes on. Dev's UI faces the internet, and its
// deployment reaches the database by a bastion.
func devBeside(prod *cloud) {
	before := prod.standing()
	bastion := startBastion(prod, strings.Replace(prod.output("databaseEndpoint"), "-prod.", "-dev.", 1))
	dev := joined(prod, "dev", inNetworkOf(prod, bastion))
	dev.follow(dev.launch("daily_assets_job"), runWithin, dagster.Success)
	prod.t.Run("the daemon of each starts its own runs and not the other's", func(t *testing.T) {
		startsOwnRunsOnly(dev.with(t), prod)
		startsOwnRunsOnly(prod.with(t), dev)
	})
	destroyed(dev)
	bastion.end()
	untouched(prod, before)
}

// forward is a program that passes connections at a port on to a host.
const forward = `
import asyncio
async def carry(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
async def serve(reader, writer):
    there, back = await asyncio.open_connection(%q, %s)
    await asyncio.gather(carry(reader, back), carry(there, writer))
async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", %[2]s) as server:
        await server.serve_forever()
asyncio.run(main())
`

// startBastion starts a server with a public address, which leads to an endpoint inside; its address is the public one.
func startBastion(c *cloud, endpoint string) server {
	c.t.Helper()
	host, port, _ := strings.Cut(endpoint, ":")
	postgres, internet := aws.Int32(5432), []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}
	s := c.started(server{
		name: "bastion", command: []string{"python", "-c", fmt.Sprintf(forward, host, port)},
		subnets: c.subnets("network-public-"), public: ecstypes.AssignPublicIpEnabled,
	}, ec2types.IpPermission{FromPort: postgres, ToPort: postgres, IpRanges: internet})
	out, err := c.engine("exec", c.container(s.task, s.name), "hostname", "-I")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, address := range strings.Fields(out) {
		if address != s.address {
			s.address = address
			return s
		}
	}
	c.t.Fatalf("the bastion has the addresses %s, and no public one", out)
	return s
}

// inNetworkOf are the settings of a stack in the network of another, whose UI faces the internet.
func inNetworkOf(c *cloud, bastion server) map[string]string {
	c.t.Helper()
	set := map[string]string{
		"dagster:network.vpcId":             c.output("vpcId"),
		"dagster:database.connection.via":   "direct",
		"dagster:database.connection.host":  bastion.address,
		"dagster:database.clients[0]":       bastion.group,
		"dagster:webserver.access":          "internet-facing",
		"dagster:webserver.allowedCidrs[0]": "198.18.0.0/15", // the sandbox's internet
		"dagster:webserver.hostname":        "dagster.example.com",
	}
	for _, r := range resources(c) {
		if r.Type == "aws:lb/listener:Listener" && r.Inputs["certificateArn"] != nil {
			set["dagster:webserver.certificateArn"] = fmt.Sprint(r.Inputs["certificateArn"])
		}
	}
	for kind, prefix := range map[string]string{"private": "network-private-", "database": "network-database-", "public": "network-public-"} {
		for i, id := range c.subnets(prefix) {
			set[fmt.Sprintf("dagster:network.%sSubnetIds[%d]", kind, i)] = id
		}
	}
	return set
}

// subnets are the ids of the subnets whose logical names begin with prefix.
func (c *cloud) subnets(prefix string) (ids []string) {
	c.t.Helper()
	for _, r := range resources(c) {
		if r.Type == "aws:ec2/subnet:Subnet" && strings.HasPrefix(r.URN.Name(), prefix) {
			ids = append(ids, string(r.ID))
		}
	}
	return ids
}

// standing are the tasks of the services.
func (c *cloud) standing() (tasks []string) {
	c.t.Helper()
	for _, service := range []string{c.web, c.daemon} {
		task, err := c.serviceTask(c.t.Context(), service)
		if err != nil {
			c.t.Fatal(err)
		}
		tasks = append(tasks, task)
	}
	return tasks
}

// untouched checks that a stack still has the tasks that stood before, runs jobs, and has nothing to mend.
func untouched(c *cloud, before []string) {
	c.t.Helper()
	if now := c.standing(); !slices.Equal(now, before) {
		c.t.Errorf("the services of %s run %v, before it was %v", c.session.Stack, now, before)
	}
	c.follow(c.launch("daily_assets_job"), runWithin, dagster.Success)
	changes, err := c.session.Preview(c.t.Context(), commands.Summary)
	if err != nil {
		c.t.Fatal(err)
	}
	if !changes.None() {
		c.t.Errorf("a preview of %s shows %s", c.session.Stack, changes)
	}
}

// launchScript starts runs as the daemon's launcher does, with the daemon's own credentials, of its own stack first, and
// stops what it has started.
const launchScript = `
import boto3, botocore.exceptions, yaml
ecs = boto3.client("ecs")
with open("/opt/dagster/dagster.yaml") as file:
    own = yaml.safe_load(file)["run_launcher"]["config"]["run_task_kwargs"]
def start(what, definition, **changed):
    try:
        task = ecs.run_task(taskDefinition=definition, **(own | changed))["tasks"][0]
        ecs.stop_task(cluster=task["clusterArn"], task=task["taskArn"])
        print(what, "started")
    except botocore.exceptions.ClientError as error:
        print(what, error.response["Error"]["Code"])
start("own", %[1]q)
start("definition", %[2]q)
start("cluster", %[1]q, cluster=%[3]q)
start("both", %[2]q, cluster=%[3]q)
`

func startsOwnRunsOnly(c, other *cloud) {
	task, err := c.serviceTask(c.t.Context(), c.daemon)
	if err != nil {
		c.t.Fatal(err)
	}
	script := fmt.Sprintf(launchScript, c.output("runTaskDefinitionArn"), other.output("runTaskDefinitionArn"), other.cluster)
	out, err := c.engine("exec", c.container(task, c.daemon), "python", "-c", script)
	if err != nil {
		c.t.Fatalf("start runs from inside of the daemon: %v: %s", err, out)
	}
	const denied = "AccessDeniedException"
	want := fmt.Sprintf("own started\ndefinition %[1]s\ncluster %[1]s\nboth %[1]s", denied)
	if got := strings.TrimSpace(out); got != want {
		c.t.Errorf("the daemon of %s is answered\n%s\nwant\n%s", c.session.Stack, got, want)
	}
}
