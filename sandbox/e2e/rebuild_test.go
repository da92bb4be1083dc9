//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"dagster-ecs/sandbox/internal/account"
	"dagster-ecs/sandbox/internal/commands"
)

// platform is the cluster that somebody else keeps.
const platform = "platform"

// platformCluster is what there is to see of it.
func (c *cloud) platformCluster() string {
	c.t.Helper()
	found, err := c.ecs.DescribeClusters(c.t.Context(), &ecs.DescribeClustersInput{Clusters: []string{platform}, Include: []ecstypes.ClusterField{
		ecstypes.ClusterFieldSettings, ecstypes.ClusterFieldConfigurations, ecstypes.ClusterFieldTags,
	}})
	if err != nil || len(found.Clusters) != 1 {
		c.t.Fatalf("look at the cluster: %v, %d found", err, len(found.Clusters))
	}
	cluster := found.Clusters[0]
	text, err := json.Marshal(map[string]any{"status": cluster.Status, "settings": cluster.Settings, "configuration": cluster.Configuration,
		"tags": cluster.Tags, "providers": cluster.CapacityProviders, "strategy": cluster.DefaultCapacityProviderStrategy})
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// movedIntoAClusterThatIsThere moves a living stack, which refuses to take the cluster over and then runs in it as it is.
func movedIntoAClusterThatIsThere(c *cloud) *cloud {
	c.t.Helper()
	if _, err := c.ecs.CreateCluster(c.t.Context(), &ecs.CreateClusterInput{
		ClusterName: aws.String(platform), CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		Tags: []ecstypes.Tag{{Key: aws.String("team"), Value: aws.String("platform")}},
	}); err != nil {
		c.t.Fatal(err)
	}
	before := c.platformCluster()
	set := c.session.Set
	set["dagster:cluster.name"] = platform
	if _, err := c.session.Preview(c.t.Context(), commands.Summary); err == nil || !strings.Contains(err.Error(), "cluster platform already exists") {
		c.t.Errorf("a preview with the name of a foreign cluster gave %v, want a refusal", err)
	}
	set["dagster:cluster.name"] = "fulcrum-cluster" // the default: as if the file named none
	set["dagster:cluster.existing"] = platform
	if _, err := c.session.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	moved := connect(c.t, c.session)
	if moved.cluster != platform {
		c.t.Errorf("the stack runs in %s", moved.cluster)
	}
	if task, err := c.serviceTask(c.t.Context(), c.daemon); err == nil {
		c.t.Errorf("the daemon still runs in the former cluster: %s", task)
	}
	if after := c.platformCluster(); after != before {
		c.t.Errorf("the cluster is now %s, it was %s", after, before)
	}
	return moved
}

// rebuilt destroys a stack whose last snapshot is kept, reads the snapshot, and builds the stack again under its names.
func rebuilt(c *cloud) {
	first := finalSnapshot(c)
	platformBefore := c.platformCluster()
	destroyed(c)
	if after := c.platformCluster(); after != platformBefore {
		c.t.Errorf("the cluster is now %s, it was %s", after, platformBefore)
	}
	restored(c, first)
	if _, err := c.session.Up(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	if second := finalSnapshot(c); second == first {
		c.t.Errorf("the next final snapshot would be %s again", second)
	}
	secondUp(c)
}

// finalSnapshot is the name of the snapshot that destroying the stack takes.
func finalSnapshot(c *cloud) string {
	c.t.Helper()
	for _, r := range resources(c) {
		if name, ok := r.Inputs["finalSnapshotIdentifier"].(string); ok && r.Type == "aws:rds/instance:Instance" {
			return name
		}
	}
	c.t.Fatal("destroying the stack would take no snapshot")
	return ""
}

// restored makes an instance of a snapshot and deletes it again.
func restored(c *cloud, snapshot string) {
	c.t.Helper()
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	client := rds.NewFromConfig(account.Config(env))
	if _, err := client.RestoreDBInstanceFromDBSnapshot(c.t.Context(), &rds.RestoreDBInstanceFromDBSnapshotInput{
		DBInstanceIdentifier: aws.String("restored"), DBSnapshotIdentifier: aws.String(snapshot),
	}); err != nil {
		c.t.Fatalf("restore %s: %v", snapshot, err)
	}
	eventually(c.t, 5*time.Minute, func(ctx context.Context) error {
		found, err := client.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("restored")})
		if err != nil {
			return err
		}
		if status := aws.ToString(found.DBInstances[0].DBInstanceStatus); status != "available" {
			return fmt.Errorf("the restored instance is %s", status)
		}
		return nil
	})
	if _, err := client.DeleteDBInstance(c.t.Context(), &rds.DeleteDBInstanceInput{
		DBInstanceIdentifier: aws.String("restored"), SkipFinalSnapshot: aws.Bool(true),
	}); err != nil {
		c.t.Error(err)
	}
	waiter := rds.NewDBInstanceDeletedWaiter(client)
	if err := waiter.Wait(c.t.Context(), &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("restored")}, 5*time.Minute); err != nil {
		c.t.Error(err)
	}
}
