package awstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"

	"dagster-ecs/internal/pulumitest"
)

// WithSettledServices runs tests beside an ECS on this machine on which each service runs the first revision of its
// family, as the recorder gives it. For whatever else it is asked, it asks the AWS_ENDPOINT_URL of a test.
func WithSettledServices(run func() int) int {
	server := httptest.NewServer(http.HandlerFunc(settled))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_ECS": server.URL, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
	} {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return run()
}

func settled(w http.ResponseWriter, r *http.Request) {
	if target := r.Header.Get("X-Amz-Target"); target != "AmazonEC2ContainerServiceV20141113.DescribeServices" {
		other, err := url.Parse(os.Getenv("AWS_ENDPOINT_URL"))
		if err != nil || other.Host == "" {
			http.Error(w, target+" has no answer in this test", http.StatusBadRequest)
			return
		}
		httputil.NewSingleHostReverseProxy(other).ServeHTTP(w, r)
		return
	}
	var asked struct{ Services []string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Services) != 1 {
		http.Error(w, fmt.Sprintf("one service is asked for: %v, %v", asked, err), http.StatusBadRequest)
		return
	}
	type object map[string]any
	definition := fmt.Sprintf("arn:aws:ecs:%s:%s:task-definition/%s:1", pulumitest.Region, pulumitest.Account, asked.Services[0])
	answer := object{"services": []object{{"serviceName": asked.Services[0], "status": "ACTIVE", "deployments": []object{
		{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "COMPLETED", "taskDefinition": definition},
	}}}}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	// Who asked sees a broken answer as an error of the SDK.
	_ = json.NewEncoder(w).Encode(answer)
}
