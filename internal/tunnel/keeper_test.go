package tunnel

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestAProcessOfItsOwnStopsATaskAndNotBeforeTheEnd(t *testing.T) {
	var mutex sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mutex.Lock()
		defer mutex.Unlock()
		asked = append(asked, r.Header.Get("X-Amz-Target")+" "+string(body))
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
	} {
		t.Setenv(name, value)
	}
	kept, err := keep("us-west-1", "fulcrum-cluster", taskArn)
	if err != nil {
		t.Fatal(err)
	}
	mutex.Lock()
	before := len(asked)
	mutex.Unlock()
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	if before > 0 || len(asked) != 1 || !strings.Contains(asked[0], ".StopTask ") || !strings.Contains(asked[0], taskArn) {
		t.Errorf("asked is %q, %d of it before the end", asked, before)
	}
}
