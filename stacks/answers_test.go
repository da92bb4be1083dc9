package stacks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answerAWS lets ECS know a cluster of any name, and Systems Manager no parameter.
func answerAWS(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetParameter") {
			w.Header().Set("X-Amzn-ErrorType", "ParameterNotFound")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var asked struct{ Clusters []string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Clusters) != 1 {
			t.Errorf("asked for %v: %v", asked.Clusters, err)
			return
		}
		if _, err := fmt.Fprintf(w, `{"clusters": [{"clusterName": %[1]q, "status": "ACTIVE", "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
			"clusterArn": "arn:aws:ecs:us-west-1:111122223333:cluster/%[1]s"}]}`, asked.Clusters[0]); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}
