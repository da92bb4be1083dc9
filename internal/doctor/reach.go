package doctor

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"dagster-ecs/internal/doctor/judge"
)

// reach looks whether the security groups let each workload, and people, reach the database.
func (e *examination) reach(ctx context.Context) (findings []Finding, err error) {
	_, text, err := net.SplitHostPort(e.Database)
	if err != nil {
		return nil, fmt.Errorf("read the output databaseEndpoint: %w", err)
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the output databaseEndpoint: %w", err)
	}
	clients := map[string][]string{runs: {e.RunGroup}}
	if e.GatewayGroup != "" {
		clients["the gateway"] = []string{e.GatewayGroup}
	}
	for _, each := range e.workloads {
		if each.service != nil && each.service.NetworkConfiguration != nil {
			clients[each.kind] = each.service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups
		}
	}
	groups := []string{e.DatabaseGroup}
	for _, of := range clients {
		groups = append(groups, of...)
	}
	var rules []types.SecurityGroupRule
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(e.ec2, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []types.Filter{{Name: aws.String("group-id"), Values: once(groups)}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		rules = append(rules, page.SecurityGroupRules...)
	}
	for _, client := range sorted(clients) {
		findings = append(findings, judge.Reach(client, clients[client], e.DatabaseGroup, int32(port), rules)...)
	}
	return findings, nil
}

// patience is how long the database may take to answer.
const patience = 10 * time.Second

// wayIn looks whether the database answers people who come by the way in, with TLS. It sends what a client of PostgreSQL
// begins with, SSLRequest (https://www.postgresql.org/docs/current/protocol-message-formats.html).
func (e *examination) wayIn(ctx context.Context) ([]Finding, error) {
	answer := make([]byte, 1)
	connection, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", e.near)
	if err == nil {
		defer connection.Close()
		err = connection.SetDeadline(time.Now().Add(patience))
	}
	if err == nil {
		_, err = connection.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	}
	if err == nil {
		_, err = connection.Read(answer)
	}
	return judge.Answer(answer[0], err), nil
}
