package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"dagster-ecs/internal/stackoutput"
	"dagster-ecs/internal/taskrun"
	"dagster-ecs/internal/tunnel"
)

// outputs are the stack's outputs that say where to go (docs/outputs.md).
type outputs struct {
	Cluster        string   `json:"clusterName"`
	TaskDefinition string   `json:"gatewayTaskDefinitionArn"`
	Group          string   `json:"gatewaySecurityGroupId"`
	Subnets        []string `json:"privateSubnetIds"`
	Database       string   `json:"databaseEndpoint"`
	DatabaseName   string   `json:"databaseName"`
	LocalPort      int      `json:"databaseLocalPort"`
	URL            string   `json:"url"`
	Balancer       string   `json:"loadBalancerDnsName"`
	Parameters     string   `json:"parameterPath"`
}

// stack is a stack by its name; empty is the selected one.
type stack string

// read reads the stack's outputs as they are now.
func (s stack) read(ctx context.Context) (outputs, error) {
	text, err := stackoutput.Read(ctx, string(s))
	if err != nil {
		return outputs{}, err
	}
	return parse(text)
}

func parse(text []byte) (found outputs, err error) {
	if err := json.Unmarshal(text, &found); err != nil {
		return outputs{}, fmt.Errorf("read the outputs of the stack: %w", err)
	}
	if found.TaskDefinition == "" {
		return outputs{}, errors.New("the stack has no gateway: it is not deployed yet, or dagster:database.connection.via is direct")
	}
	return found, nil
}

// end is an end of a tunnel: what it leads to.
type end struct {
	gateway tunnel.Gateway
	host    string
	port    int
	// name is whose certificate the far end shows, where it speaks TLS and the near end does not.
	name string
	// local is where it listens unless another port is given.
	local int
	// told is what a person is told of it, with a place for the near address.
	told string
}

// ends are the ends that a stack has, by the names that people give.
var ends = map[string]func(outputs) (end, error){"database": outputs.database, "ui": outputs.ui}

func (o outputs) gateway() tunnel.Gateway {
	return tunnel.Gateway{
		// arn:aws:ecs:us-west-1:111122223333:task-definition/...
		Region: strings.Split(o.TaskDefinition, ":")[3],
		Target: taskrun.Target{Cluster: o.Cluster, Definition: o.TaskDefinition, Group: o.Group, Subnets: o.Subnets},
		Tell:   func(line string) { fmt.Fprintln(os.Stderr, line) },
	}
}

func (o outputs) database() (end, error) {
	host, port, err := net.SplitHostPort(o.Database)
	if err != nil {
		return end{}, fmt.Errorf("read the output databaseEndpoint: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return end{}, fmt.Errorf("read the output databaseEndpoint: %w", err)
	}
	return end{gateway: o.gateway(), host: host, port: number, local: o.LocalPort, told: "the database is at %s"}, nil
}

// ui is the end at the load balancer.
func (o outputs) ui() (end, error) {
	address, err := url.Parse(o.URL)
	if err != nil {
		return end{}, fmt.Errorf("read the output url: %w", err)
	}
	found := end{gateway: o.gateway(), host: o.Balancer, port: 80, local: 3000, told: "the UI is at http://%s"}
	if address.Scheme == "https" {
		found.port, found.name = 443, address.Hostname()
	}
	return found, nil
}
