package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Reach judges whether a client's groups let it out to the database's group, and that lets it in.
func Reach(client string, groups []string, database string, port int32, rules []types.SecurityGroupRule) []Finding {
	lets := func(group string, others []string, out bool) bool {
		return slices.ContainsFunc(rules, func(r types.SecurityGroupRule) bool {
			return aws.ToString(r.GroupId) == group && aws.ToBool(r.IsEgress) == out && r.ReferencedGroupInfo != nil &&
				slices.Contains(others, aws.ToString(r.ReferencedGroupInfo.GroupId)) &&
				(aws.ToString(r.IpProtocol) == "-1" || aws.ToInt32(r.FromPort) <= port && port <= aws.ToInt32(r.ToPort))
		})
	}
	var missing []string
	if !lets(database, groups, false) {
		missing = append(missing, fmt.Sprintf("%s lets %s not in", database, strings.Join(groups, ", ")))
	}
	if !slices.ContainsFunc(groups, func(group string) bool { return lets(group, []string{database}, true) }) {
		missing = append(missing, fmt.Sprintf("%s lets nobody out to %s", strings.Join(groups, ", "), database))
	}
	if len(missing) == 0 {
		return nil
	}
	return []Finding{{
		"The security groups keep " + client + " from the database", fmt.Sprintf("%s, port %d", strings.Join(missing, "; "), port), Again, unreachable,
	}}
}

// Answer judges what PostgreSQL answers to SSLRequest.
func Answer(answer byte, err error) []Finding {
	if err == nil && answer == 'S' {
		return nil
	}
	return []Finding{{
		"The database does not answer at the other end of the way in", fmt.Sprintf("to SSLRequest came %q, %v", answer, err),
		"go run ./tunnel has to be open; then the database's events", unreachable,
	}}
}
