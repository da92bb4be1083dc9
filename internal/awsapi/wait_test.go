package awsapi_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dagster-ecs/internal/awsapi"
)

func TestAPauseLastsUnlessNobodyWantsTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if err := awsapi.Pause(t.Context(), time.Minute); err != nil || time.Since(begin) != time.Minute {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := awsapi.Pause(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnArnIsCalledByWhatFollowsItsLastSlash(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:ecs:us-west-1:111122223333:task/fulcrum-cluster/0a1b":   "0a1b",
		"arn:aws:ecs:us-west-1:111122223333:task-definition/asset-web:7": "asset-web:7",
		"asset-web:7": "asset-web:7",
		"":            "",
	} {
		if got := awsapi.ShortName(arn); got != want {
			t.Errorf("%q is called %q, want %q", arn, got, want)
		}
	}
}
