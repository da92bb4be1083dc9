package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// objects is what of S3 is used.
type objects interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
}

// probe is an object of the monitor's own, by which it tries the bucket.
type probe struct {
	objects     objects
	bucket, key string
}

// use writes the text, reads it back and deletes it, as runs do with their outputs.
func (p probe) use(ctx context.Context, text string) error {
	if _, err := p.objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &p.bucket, Key: &p.key, Body: strings.NewReader(text),
	}); err != nil {
		return fmt.Errorf("write %s: %w", p.key, err)
	}
	got, err := p.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.bucket, Key: &p.key})
	if err != nil {
		return fmt.Errorf("read %s: %w", p.key, err)
	}
	defer got.Body.Close()
	// S3 reads what was written last (strong consistency), so that another text is another's.
	if read, err := io.ReadAll(got.Body); err != nil {
		return fmt.Errorf("read %s: %w", p.key, err)
	} else if string(read) != text {
		return fmt.Errorf("read %s: it holds %.40q, not the %q that was written", p.key, read, text)
	}
	if _, err := p.objects.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &p.bucket, Key: &p.key}); err != nil {
		return fmt.Errorf("delete %s: %w", p.key, err)
	}
	return nil
}
