package doctor

import (
	"strings"
	"testing"
)

func TestOutputsOfNoStackAreRefused(t *testing.T) {
	const deployed = `{"clusterName": "c", "runTaskDefinitionArn": "arn:aws:ecs:us-west-1:111122223333:task-definition/run:3", "bucketName": "b"}`
	stack, err := Parse([]byte(deployed))
	if err != nil || stack.Region() != "us-west-1" {
		t.Errorf("got %+v, %v", stack, err)
	}
	if _, err := Parse([]byte(`{}`)); err == nil || !strings.Contains(err.Error(), "not deployed yet") {
		t.Errorf("got %v", err)
	}
}
