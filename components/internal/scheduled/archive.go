package scheduled

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"

	"dagster-ecs/internal/awsapi"
	"dagster-ecs/internal/gofunction"
)

// archive is what a function is made of.
type archive struct {
	source            Source
	region, name, key string
	ctx               *pulumi.Context
}

// putter is what of S3 is called.
type putter interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// put is called before the function is made or changed.
func (a archive) put(*pulumi.ResourceHookArgs) error {
	ctx := a.ctx.Context()
	name, err := internals.UnsafeAwaitOutput(ctx, a.source.Bucket.ToStringOutput())
	if err != nil {
		return fmt.Errorf("learn the bucket's name: %w", err)
	}
	bucket, _ := name.Value.(string)
	config, err := awsapi.Load(ctx, a.region)
	if err != nil {
		return err
	}
	// What cannot be told is no reason to fail.
	_ = a.ctx.Log.Info("compiling the function "+a.name+", which takes up to a minute the first time", nil)
	return a.upload(ctx, s3.NewFromConfig(config), bucket)
}

// upload compiles the source and writes the archive; one of the same source that is there already is written again.
func (a archive) upload(ctx context.Context, client putter, bucket string) error {
	content, err := gofunction.Build(ctx, a.source.Folder, a.source.Architecture.Go())
	if err != nil {
		return err
	}
	if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &a.key, Body: bytes.NewReader(content)}); err != nil {
		return fmt.Errorf("put the function's archive into bucket %s: %w", bucket, err)
	}
	return nil
}
