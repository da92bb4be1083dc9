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

func TestTheDatabaseIsAtThePortOfTheSettingsUnlessOneIsGiven(t *testing.T) {
	for given, want := range map[int]int{0: 15432, 6000: 6000} {
		at, err := outputsOf(t, deployed).database(given)
		if err != nil || at.host != "db.example.com" || at.port != 5432 || at.local != want || at.name != "" {
			t.Errorf("with %d it is %+v, %v", given, at, err)
		}
	}
}

func TestTheUIIsReachedByTheBalancersNameAndItsCertificateCheckedForItsOwn(t *testing.T) {
	at, err := outputsOf(t, deployed).ui(0)
	if err != nil || at.host != "internal-web.elb.amazonaws.com" || at.port != 443 || at.name != "dagster.example.com" || at.local != 3000 {
		t.Errorf("it is %+v, %v", at, err)
	}
	plain := strings.Replace(deployed, "https://", "http://", 1)
	if at, err = outputsOf(t, plain).ui(8000); err != nil || at.port != 80 || at.name != "" || at.local != 8000 {
		t.Errorf("without a certificate it is %+v, %v", at, err)
	}
}

func TestAStackWithoutAGatewayIsToldOf(t *testing.T) {
	for _, text := range []string{`{}`, `{"clusterName": "fulcrum-cluster"}`} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), "has no gateway") {
			t.Errorf("%s: the error is %v", text, err)
		}
	}
}
