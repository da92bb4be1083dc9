package capacity

import "testing"

func TestVcpusOfBothKindsOfCapacity(t *testing.T) {
	prod := Workloads{WebserverCPU: 512, Webservers: 2, DaemonCPU: 512, RunCPU: 512, Runs: 25, OnDemand: true}
	both := prod
	both.Spot = true
	spot := both
	spot.OnDemand = false
	entered := prod
	entered.Gateway = true
	tended := prod
	tended.Maintenance = true
	for of, want := range map[Workloads][2]float64{prod: {15.5, 0}, both: {15.5, 12.5}, spot: {3, 12.5}, entered: {16, 0}, tended: {16, 0}} {
		if onDemand, onSpot := Vcpus(of); onDemand != want[0] || onSpot != want[1] {
			t.Errorf("%+v: got %g and %g, want %v", of, onDemand, onSpot, want)
		}
	}
}

func TestAddressesOfRunsServicesBalancerAndEndpoints(t *testing.T) {
	for of, want := range map[Tenants]int{
		{Runs: 25, Webservers: 2, Zones: 2}:                               31,
		{Runs: 25, Webservers: 2, Zones: 2, Balancer: true}:               47,
		{Runs: 25, Webservers: 2, Zones: 2, Gateway: true}:                33,
		{Runs: 25, Webservers: 2, Zones: 3, Monitor: true}:                34,
		{Runs: 25, Webservers: 2, Zones: 2, Maintenance: true}:            32,
		{Runs: 25, Webservers: 2, Zones: 3, Balancer: true, Endpoints: 8}: 79,
	} {
		if got := Addresses(of); got != want {
			t.Errorf("%+v: got %d, want %d", of, got, want)
		}
	}
}
