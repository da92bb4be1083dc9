// Package reach takes away each security group rule, route and VPC endpoint of a stack that is deployed, one after the
// other, and looks what fails then. needs.yaml says what has to, so that nothing is open which nothing needs.
package reach

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"dagster-ecs/internal/taskstop"
	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
)

// Stack is a stack of a sandbox that is up.
type Stack struct {
	needs    Needs
	setup    setup
	doors    []Door
	tasks    tasks
	aws, url string
	ec2      *ec2.Client
	lambda   *lambda.Client
	subnets  []string
	// monitor is the name of the monitor's function, empty where the stack has none.
	monitor string
	// tables are the route tables of subnets, groups the components' names by those of security groups in AWS.
	tables, groups map[string]string
}

// Open reads what a stack has.
func Open(ctx context.Context, s *commands.Session) (*Stack, error) {
	needs, err := Load()
	if err != nil {
		return nil, err
	}
	env, err := s.Environment(ctx)
	if err != nil {
		return nil, err
	}
	state, err := s.Resources(ctx)
	if err != nil {
		return nil, err
	}
	out, err := s.Outputs(ctx)
	if err != nil {
		return nil, err
	}
	given, config := outputs(out), account.Config(env)
	client, logs := ecs.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)
	stack := &Stack{
		needs: needs, setup: setup{https: given.https()}, doors: doors(state), aws: env["AWS_ENDPOINT_URL"], url: env["DAGSTER_UI_URL"], ec2: ec2.NewFromConfig(config),
		lambda: lambda.NewFromConfig(config), subnets: given.list("privateSubnetIds"), tables: map[string]string{}, groups: map[string]string{},
		tasks: tasks{
			ecs: client, ssm: ssm.NewFromConfig(config), stops: taskstop.Reader{ECS: client, Logs: logs}, cluster: given.text("clusterName"),
			workloads: workloads(state, given),
		},
	}
	for _, r := range state {
		switch o := outputs(r.Outputs); string(r.Type) {
		case "aws:ec2/natGateway:NatGateway":
			stack.setup.nat = true
		case "aws:lambda/function:Function":
			stack.monitor = o.text("name")
		case "aws:ec2/securityGroup:SecurityGroup":
			stack.groups[o.text("name")] = strings.TrimSuffix(r.URN.Name(), groupSuffix)
		case "aws:ec2/routeTableAssociation:RouteTableAssociation":
			stack.tables[o.text("subnetId")] = o.text("routeTableId")
		}
	}
	return stack, nil
}

// workloads are those of a stack, by its state.
func workloads(state []apitype.ResourceV3, given outputs) (found map[string]workload) {
	port := "80"
	if given.https() {
		port = "443"
	}
	does := map[string][]string{
		"webserver":   {"database", "s3.list_buckets", "ecs.list_clusters"},
		"daemon":      {"database", "s3.list_buckets", "ecs.list_clusters", "logs.describe_log_groups"},
		"runs":        {"database", "s3.list_buckets"},
		"migration":   {"database"},
		"maintenance": {"database", "s3.list_buckets"},
		"gateway":     {given.text("databaseEndpoint"), given.text("loadBalancerDnsName") + ":" + port},
	}
	found = map[string]workload{}
	for name := range does {
		found[name] = workload{does: does[name]}
	}
	for _, r := range state {
		name, part, _ := strings.Cut(r.URN.Name(), "-")
		each, known := found[name]
		switch o := outputs(r.Outputs); {
		case !known:
			continue
		case part == "definition":
			each.definition, each.container = o.text("arn"), o.text("family")
		case part == "tasks-group":
			each.group = string(r.ID)
		}
		found[name] = each
	}
	return found
}

// Look looks whether everything works as long as nothing is taken away, and whether needs.yaml knows just what is there.
func (s *Stack) Look(ctx context.Context) error {
	if err := awaitUI(ctx, s.url); err != nil {
		return err
	}
	failed, err := s.look(ctx, s.subnets[0], append(slices.Collect(maps.Keys(s.tasks.workloads)), uiProbe, monitorProbe))
	for _, door := range s.doors {
		_, unknown := s.needs.of(door.Name, s.setup)
		err = errors.Join(err, unknown)
	}
	for _, need := range s.needs {
		gone := !slices.ContainsFunc(s.doors, func(door Door) bool { return need.about(door.Name, s.setup) })
		if gone && need.concerns(s.setup) {
			err = errors.Join(err, fmt.Errorf("%s: needs.yaml names what is not there", need.Name))
		}
	}
	if err == nil && len(failed) > 0 {
		err = fmt.Errorf("this fails although nothing was taken away: %v", failed)
	}
	return err
}

// Chosen are the doors whose names have the words; with sample only those that needs.yaml marks so.
func (s *Stack) Chosen(words string, sample bool) (chosen []Door) {
	for _, door := range s.doors {
		need, err := s.needs.of(door.Name, s.setup)
		if strings.Contains(door.Name, words) && (!sample || err == nil && need.Sample) {
			chosen = append(chosen, door)
		}
	}
	return chosen
}

// Take takes a door away, looks at what reaches less then, compares what fails with what needs.yaml
// says, and puts the door back. What fails is the answer in any case.
func (s *Stack) Take(ctx context.Context, door Door) (failed map[string]string, err error) {
	need, err := s.needs.of(door.Name, s.setup)
	if err != nil {
		return nil, err
	}
	before, err := s.listing(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Without(ctx, []Door{door}, func() error {
		after, err := s.listing(ctx)
		if err == nil {
			failed, err = s.look(ctx, s.near(door), affected(before, after))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look what fails without %s: %w", door.Name, err)
	}
	return failed, need.compare(door.Name, failed)
}

// Without takes doors away, and puts them back when do has ended, also when somebody interrupts.
func (s *Stack) Without(ctx context.Context, doors []Door, do func() error) (err error) {
	for _, door := range doors {
		if err := door.away(ctx, s.ec2); err != nil {
			return fmt.Errorf("take %s away: %w", door.Name, err)
		}
		defer func() {
			if back := door.back(context.WithoutCancel(ctx), s.ec2); back != nil {
				err = errors.Join(err, fmt.Errorf("put %s back: %w", door.Name, back))
			}
		}()
	}
	// What is listed is in force.
	if _, err := s.listing(ctx); err != nil {
		return err
	}
	return do()
}

// near is a subnet that a door is about.
func (s *Stack) near(door Door) string {
	for _, subnet := range s.subnets {
		if s.tables[subnet] == door.table {
			return subnet
		}
	}
	return s.subnets[0]
}

func (n need) compare(door string, failed map[string]string) error {
	fails, wanted := slices.Sorted(maps.Keys(failed)), slices.Sorted(slices.Values(n.Fails))
	if !slices.Equal(fails, wanted) {
		return fmt.Errorf("without %s fail %q, want %q:\n%s", door, fails, wanted, told(failed))
	}
	for _, said := range failed {
		if strings.Contains(said, n.Says) {
			return nil
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return fmt.Errorf("without %s nobody says %q, but\n%s", door, n.Says, told(failed))
}

// told are the failures as they are told, one below the other.
func told(failed map[string]string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		fmt.Fprintf(&text, "%s: %s\n", name, failed[name])
	}
	return text.String()
}
