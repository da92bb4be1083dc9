//go:build e2e

package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/dagster"
	"dagster-ecs/sandbox/internal/account"
)

func TestProductionStackIsReplicatedAndProtected(t *testing.T) {
	t.Parallel()
	s := newSession(t, "prod")
	s.Set["dagster:monitoring.rollback"] = "false" // its minutes are those of make alarms
	if _, err := s.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := connect(t, s)
	t.Run("outputs are copied to the second region", func(t *testing.T) { replicated(c.with(t)) })
	t.Run("what is done in the account is told", func(t *testing.T) { deedsTold(c.with(t)) })
	t.Run("who reaches whom is as the program lists it", func(t *testing.T) { asListed(c.with(t), "prod") })
	t.Run("dev comes and goes beside it in one account and network", func(t *testing.T) { devBeside(c.with(t)) })
	t.Run("destroy is refused until protection is lifted, and leaves dev as it is", func(t *testing.T) { protected(c.with(t)) })
	t.Run("nothing was refused to the roles that deploy and preview", func(t *testing.T) { nothingRefused(c.with(t)) })
}

func replicated(c *cloud) {
	id := c.launch("daily_assets_job")
	c.follow(id, runWithin, dagster.Success)
	env, err := c.session.Environment(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	env["AWS_REGION"] = "us-west-2"
	second := s3.NewFromConfig(account.Config(env))
	bucket := c.output("replicaBucketName")
	eventually(c.t, time.Minute, func(ctx context.Context) error {
		list, err := second.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String("dagster/io/")})
		if err != nil {
			return err
		}
		if len(list.Contents) == 0 {
			return errors.New("no output of the run was copied")
		}
		return nil
	})
}

func protected(c *cloud) {
	if _, err := c.session.Destroy(c.t.Context()); err == nil || !strings.Contains(err.Error(), "protect") {
		c.t.Fatalf("destroying the protected stack gave %v, want a refusal that names the protection", err)
	}
	if _, err := c.dagster.ServerInfo(c.t.Context()); err != nil {
		c.t.Errorf("the refused destruction stopped the webserver: %v", err)
	}
	dev := joined(c, "dev", map[string]string{})
	before := dev.standing()
	snapshot := finalSnapshot(c)
	unprotected(c)
	destroyed(c)
	restored(c, snapshot)
	untouched(dev, before)
}

// unprotected lifts the protection, as docs/operations.md says.
func unprotected(c *cloud) {
	c.t.Helper()
	c.session.Set["dagster:protect"] = "false"
	c.session.Set["dagster:database.deletionProtection"] = "false"
	c.session.Set["dagster:bucket.forceDestroy"] = "true"
	if _, err := c.session.Deploy(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}
