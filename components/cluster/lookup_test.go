package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// account has the clusters that are there, or fails.
type account struct {
	clusters []types.Cluster
	err      error
}

func (a account) DescribeClusters(
	_ context.Context, in *ecs.DescribeClustersInput, _ ...func(*ecs.Options),
) (*ecs.DescribeClustersOutput, error) {
	out := &ecs.DescribeClustersOutput{}
	for _, each := range a.clusters {
		if aws.ToString(each.ClusterName) == in.Clusters[0] {
			out.Clusters = append(out.Clusters, each)
		}
	}
	return out, a.err
}

var own = map[string]string{"Application": "asset-manager", "Environment": "dev"}

// shared is a cluster that a platform team keeps.
func shared(status string, tags map[string]string, providers ...string) account {
	made := types.Cluster{
		ClusterName: aws.String("shared"), ClusterArn: aws.String("arn:aws:ecs:us-west-1:111122223333:cluster/shared"),
		Status: aws.String(status), CapacityProviders: providers,
	}
	for key, value := range tags {
		made.Tags = append(made.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	return account{clusters: []types.Cluster{made}}
}

func TestClusterThatIsThereIsNotTakenOver(t *testing.T) {
	for name, each := range map[string]struct {
		account account
		refused string
	}{
		"none":          {account{}, ""},
		"a deleted one": {shared("INACTIVE", nil), ""},
		"a foreign one": {shared("ACTIVE", nil), "cluster shared already exists"},
		// Two people may give their stacks one name: tags alone do not make a cluster this stack's.
		"one with this stack's tags": {shared("ACTIVE", own), "dagster:cluster.existing to shared"},
		"one that is being made":     {shared("PROVISIONING", nil), "aws ecs delete-cluster --cluster shared"},
		"nobody knows":               {account{err: errors.New("AccessDenied")}, "look up cluster shared: AccessDenied"},
	} {
		err := refuseTaken(t.Context(), each.account, "shared")
		if each.refused == "" && err != nil || each.refused != "" && (err == nil || !strings.Contains(err.Error(), each.refused)) {
			t.Errorf("%s: got %v, want %q", name, err, each.refused)
		}
	}
}

func TestExistingClusterMustTakeTheTasks(t *testing.T) {
	for name, each := range map[string]struct {
		account account
		spot    bool
		refused string
	}{
		"offers what is needed":    {shared("ACTIVE", nil, Fargate), false, ""},
		"offers Spot, too":         {shared("ACTIVE", nil, Fargate, FargateSpot), true, ""},
		"another stack's":          {shared("ACTIVE", map[string]string{"Application": "asset-manager"}, Fargate), false, ""},
		"has no Spot":              {shared("ACTIVE", nil, Fargate), true, "lacks the capacity provider FARGATE_SPOT"},
		"has instances of its own": {shared("ACTIVE", nil, "instances"), false, `lacks the capacity provider FARGATE and has ["instances"]`},
		"is going":                 {shared("DEPROVISIONING", nil, Fargate), false, "is DEPROVISIONING; it must be ACTIVE"},
		"is this stack's own":      {shared("ACTIVE", own, Fargate), false, "leave it at dagster:cluster.name"},
		"is not there":             {account{}, false, "is not there"},
		"may not be looked up":     {account{err: errors.New("AccessDenied")}, false, "look up cluster shared: AccessDenied"},
		"was deleted a moment ago": {shared("INACTIVE", nil, Fargate), false, "is INACTIVE; it must be ACTIVE"},
	} {
		existing := Existing{Name: "shared", Spot: each.spot, Own: own}
		arn, err := existing.lookUp(t.Context(), each.account)
		if each.refused == "" && (err != nil || arn != "arn:aws:ecs:us-west-1:111122223333:cluster/shared") ||
			each.refused != "" && (err == nil || !strings.Contains(err.Error(), each.refused)) {
			t.Errorf("%s: got %s, %v, want %q", name, arn, err, each.refused)
		}
	}
}
