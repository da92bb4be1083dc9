package capacity

// balancerAddresses is how many addresses a load balancer may take in each zone (ELB user guide, Application Load
// Balancers, subnets: eight free ones are needed).
const balancerAddresses = 8

// Tenants are what takes addresses of the private subnets.
type Tenants struct {
	// Runs is how many runs are in progress at most, Webservers how many webservers there are at most.
	Runs, Webservers int
	// Zones is the number of availability zones, Endpoints how many interface endpoints there are in each.
	Zones, Endpoints int
	// Balancer tells whether the load balancer is there, which it is unless it faces the internet, Gateway whether people
	// come in by the gateway, Monitor whether the monitor's function is there, which has an address in each zone (Lambda
	// developer guide, Hyperplane elastic network interfaces), Maintenance whether old runs are looked for.
	Balancer, Gateway, Monitor, Maintenance bool
}

// Addresses is how many addresses may be taken at a time. A deployment runs every webserver twice for a while; the daemon
// is never there twice, but its migration may be beside it.
func Addresses(of Tenants) int {
	inZone := of.Endpoints
	if of.Balancer {
		inZone += balancerAddresses
	}
	if of.Monitor {
		inZone++
	}
	tasks := of.Runs + 2*of.Webservers + 2
	if of.Gateway {
		tasks += gateways
	}
	if of.Maintenance {
		tasks++
	}
	return tasks + of.Zones*inZone
}
