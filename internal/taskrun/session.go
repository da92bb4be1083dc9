package taskrun

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"dagster-ecs/internal/awsapi"
)

// forwarding forwards to a host that the task reaches (Systems Manager user guide, "Start a session (port forwarding to
// remote host)").
const forwarding = "AWS-StartPortForwardingSessionToRemoteHost"

// Forwarding asks for a session that leads through a task of one container, whose agent runs, to a port of a host; the plugin
// chooses the port of this machine.
func Forwarding(cluster string, task types.Task, host, port string) *ssm.StartSessionInput {
	return &ssm.StartSessionInput{
		Target: aws.String(fmt.Sprintf("ecs:%s_%s_%s",
			cluster, awsapi.ShortName(aws.ToString(task.TaskArn)), aws.ToString(task.Containers[0].RuntimeId))),
		DocumentName: aws.String(forwarding),
		Parameters:   map[string][]string{"host": {host}, "portNumber": {port}, "localPortNumber": {"0"}},
	}
}
