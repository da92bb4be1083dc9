package awsapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"dagster-ecs/internal/awsapi"
)

func TestRequestsGoToTheRegionWithTheCredentialsOfTheEnvironment(t *testing.T) {
	var authorization string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization = r.Header.Get("Authorization")
		if _, err := w.Write([]byte(`{"clusters": []}`)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	loaded, err := awsapi.Load(t.Context(), "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ecs.NewFromConfig(loaded).DescribeClusters(t.Context(), &ecs.DescribeClustersInput{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(authorization, "AKIAIOSFODNN7EXAMPLE/") || !strings.Contains(authorization, "/eu-central-1/ecs/") {
		t.Errorf("the request was signed as %s", authorization)
	}
}

func TestMalformedEnvironmentIsRefused(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "many")
	if _, err := awsapi.Load(t.Context(), "eu-central-1"); err == nil || !strings.Contains(err.Error(), "AWS_MAX_ATTEMPTS") {
		t.Errorf("got %v", err)
	}
}
