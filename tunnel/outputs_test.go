package main

import (
	"slices"
	"strings"
	"testing"
)

// deployed are the outputs of a stack with a certificate.
const deployed = `{
	"clusterName": "fulcrum-cluster",
	"gatewayTaskDefinitionArn": "arn:aws:ecs:us-west-1:111122223333:task-definition/asset-manager-gateway:3",
	"gatewaySecurityGroupId": "sg-1", "privateSubnetIds": ["subnet-a", "subnet-b"],
	"databaseEndpoint": "db.example.com:5432", "databaseLocalPort": 15432,
	"url": "https://dagster.example.com", "loadBalancerDnsName": "internal-web.elb.amazonaws.com"
}`

func outputsOf(t *testing.T, text string) outputs {
	t.Helper()
	found, err := parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheTaskIsThatOfTheStack(t *testing.T) {
	gateway := outputsOf(t, deployed).gateway()
	if gateway.Region != "us-west-1" || gateway.Target.Cluster != "fulcrum-cluster" || gateway.Target.Group != "sg-1" ||
		!strings.HasSuffix(gateway.Target.Definition, "gateway:3") || !slices.Equal(gateway.Target.Subnets, []string{"subnet-a", "subnet-b"}) {
		t.Errorf("the gateway is %+v", gateway)
	}
}

func TestTheDatabaseIsAtThePortOfTheSettings(t *testing.T) {
	at, err := outputsOf(t, deployed).database()
	if err != nil || at.host != "db.example.com" || at.port != 5432 || at.local != 15432 || at.name != "" {
		t.Errorf("it is %+v, %v", at, err)
	}
}

func TestTheUIIsReachedByTheBalancersNameAndItsCertificateCheckedForItsOwn(t *testing.T) {
	at, err := outputsOf(t, deployed).ui()
	if err != nil || at.host != "internal-web.elb.amazonaws.com" || at.port != 443 || at.name != "dagster.example.com" || at.local != 3000 {
		t.Errorf("it is %+v, %v", at, err)
	}
	plain := strings.Replace(deployed, "https://", "http://", 1)
	if at, err = outputsOf(t, plain).ui(); err != nil || at.port != 80 || at.name != "" {
		t.Errorf("without a certificate it is %+v, %v", at, err)
	}
}

func TestEachEndListensAtAPortOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  []listener
	}{
		{nil, []listener{{"database", 0}}},
		{[]string{"ui"}, []listener{{"ui", 0}}},
		{[]string{"database=6000", "ui=8080"}, []listener{{"database", 6000}, {"ui", 8080}}},
	} {
		if got, err := parseListeners(c.words); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, %v", c.words, got, err)
		}
	}
}

func TestWordsThatNameNoEndOrNoPortAreRefused(t *testing.T) {
	for word, want := range map[string]string{
		"web": "database, ui, psql and run are allowed", "ui=": "a port is 1 to 65535", "ui=70000": "a port is 1 to 65535",
	} {
		if _, err := parseListeners([]string{word}); err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", word, err)
		}
	}
}

func TestAStackWithoutAGatewayIsToldOf(t *testing.T) {
	for _, text := range []string{`{}`, `{"clusterName": "fulcrum-cluster"}`} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "has no gateway") {
			t.Errorf("%s: the error is %v", text, err)
		}
	}
}
