package config

import (
	"errors"

	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Webserver is the Dagster UI behind its load balancer.
type Webserver struct {
	// CPU is each instance's CPU in Fargate's units, 1024 to a vCPU.
	CPU int `setting:"cpu"`

	// Memory is each instance's memory in MiB. Fargate has certain sizes for each cpu.
	Memory int `setting:"memory"`

	// MinInstances is the smallest number of instances, 1 to 10.
	MinInstances int `setting:"minInstances"`

	// MaxInstances is the largest number of instances, minInstances to 10. Each may open 15 database connections.
	MaxInstances int `setting:"maxInstances"`

	// Access is who can reach the UI: people inside the network, or also those on the internet who are on the allow-list.
	// Dagster has no login, so internet-facing needs allowedCidrs and certificateArn.
	Access rules.AccessMode `setting:"access"`

	// AllowedCidrs are the IPv4 ranges that the load balancer answers, each once. With internet-facing none may be wider
	// than /8. Empty, with internal: only the gateway's tasks, which lead people in (go run ./tunnel ui); the VPC's own range
	// where database.connection.via is direct, and so no gateway is there. Runs are in that range, and Dagster has no login.
	// With internet-facing the NAT gateways' addresses are let in besides, by which the monitor comes and runs may; those of
	// an existing network have to stand here.
	AllowedCidrs []string `setting:"allowedCidrs"`

	// CertificateArn is the ARN of the ACM certificate for HTTPS, of the stack's region and account. Empty: plain HTTP,
	// which profile prod refuses.
	CertificateArn string `setting:"certificateArn"`

	// Hostname is the name that people reach the UI by, which the certificate is for: the output url is made of it. The DNS
	// record, from this name to the output loadBalancerDnsName, is yours to make. Empty: the load balancer's own name,
	// which no certificate is for.
	Hostname string `setting:"hostname"`

	// IdleTimeoutSeconds is the time after which the load balancer cuts a silent connection, 61 to 4000 seconds. The UI's
	// websockets are silent for up to 60.
	IdleTimeoutSeconds int `setting:"idleTimeoutSeconds"`
}

func defaultWebserver(profile Profile) Webserver {
	webserver := Webserver{
		CPU: 512, Memory: 1024, MinInstances: 1, MaxInstances: 1, Access: rules.AccessInternal, IdleTimeoutSeconds: 300,
	}
	if profile == ProfileProd {
		webserver.MaxInstances = 2
	}
	return webserver
}

// mostWebservers bounds the webservers: AWS allows far more, but each opens connections to the database.
const mostWebservers = 10

func (s Settings) validateWebserver(list *problems.List) {
	w := s.Webserver
	fargate(list, "dagster:webserver", w.CPU, w.Memory)
	list.Between("dagster:webserver.minInstances", w.MinInstances, 1, mostWebservers)
	list.Between("dagster:webserver.maxInstances", w.MaxInstances, 1, mostWebservers)
	list.Take("dagster:webserver.idleTimeoutSeconds", rules.IdleTimeout(w.IdleTimeoutSeconds))
	list.Take("dagster:webserver.allowedCidrs", rules.AllowList(w.AllowedCidrs, w.Access))
	if w.Hostname != "" {
		list.Take("dagster:webserver.hostname", rules.HostName(w.Hostname))
	}
	if w.CertificateArn != "" {
		list.Take("dagster:webserver.certificateArn", rules.Certificate(w.CertificateArn, s.Region, s.Account))
	}
}

func certificateWhereNeeded(s Settings) error {
	switch {
	case s.Webserver.CertificateArn != "":
		return nil
	case s.Webserver.Access == rules.AccessInternetFacing:
		return errors.New("is required with access internet-facing")
	case s.Profile == ProfileProd:
		return errors.New("is required with profile prod")
	}
	return nil
}

// fargate checks a pair of CPU and memory sizes.
func fargate(list *problems.List, key string, cpu, memory int) {
	list.Take(key+".cpu", rules.FargateCPU(cpu))
	list.Take(key+".memory", rules.FargateMemory(cpu, memory))
}
