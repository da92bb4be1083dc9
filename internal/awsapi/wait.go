package awsapi

import (
	"context"
	"strings"
	"time"
)

// Pause lies between two questions to AWS. It ends early, with the context's error, when nobody wants the answer any more.
func Pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(duration):
		return nil
	}
}

// ShortName is what people call an ARN by: what follows its last slash, such as a task's id or a definition's family and
// revision. A text without a slash stays as it is.
func ShortName(arn string) string {
	return arn[strings.LastIndex(arn, "/")+1:]
}
