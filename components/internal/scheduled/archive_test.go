package scheduled

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"dagster-ecs/internal/rules"
)

// bucket keeps what is put into it.
type bucket struct {
	name, key string
	content   []byte
	err       error
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(in.Body)
	b.name, b.key, b.content = *in.Bucket, *in.Key, content
	return &s3.PutObjectOutput{}, errors.Join(err, b.err)
}

func smallest(t *testing.T) archive {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module small\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return archive{source: Source{Folder: folder, Architecture: rules.X86}, key: "dagster/functions/monitor-x86_64-0.zip"}
}

func TestArchiveIsPutWhereTheFunctionLooks(t *testing.T) {
	a, b := smallest(t), &bucket{}
	if err := a.upload(t.Context(), b, "data"); err != nil {
		t.Fatal(err)
	}
	if b.name != "data" || b.key != a.key {
		t.Errorf("it lies at %s/%s", b.name, b.key)
	}
	read, err := zip.NewReader(bytes.NewReader(b.content), int64(len(b.content)))
	if err != nil || read.File[0].Name != "bootstrap" {
		t.Errorf("got %v, %v", read, err)
	}
}

func TestARefusalOfTheBucketEndsTheUpdate(t *testing.T) {
	err := smallest(t).upload(t.Context(), &bucket{err: errors.New("AccessDenied")}, "data")
	if err == nil || !strings.Contains(err.Error(), "bucket data: AccessDenied") {
		t.Errorf("got %v", err)
	}
}
