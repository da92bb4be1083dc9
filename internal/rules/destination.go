package rules

import (
	"regexp"
	"strconv"
)

// destination is an IPv4 range or a security group, and a TCP port.
var destination = regexp.MustCompile(`^([^:]+):([0-9]{1,5})$`)

// everywhere is what tasks reach by their own rules, wherever a way leads to the internet.
const everywhere = "0.0.0.0/0:443"

// Destinations refuses what is no destination of a task, such as 10.20.0.0/16:5439 or sg-0a1b2c3d:8443, and one that stands
// there twice or is open already.
func Destinations(destinations []string) error { return eachOnce(destinations, checkDestination) }

func checkDestination(text string) error {
	to, port := SplitDestination(text)
	switch {
	case to == "":
		return refuse(text, "is no destination; an IPv4 range or the id of a security group, a colon and a port are allowed, such as 10.20.0.0/16:5439")
	case text == everywhere:
		return refuse(text, "is open already where a way leads to the internet; leave it out")
	case !IsSecurityGroup(to):
		if err := IPv4Range(to); err != nil {
			return err
		}
	}
	return Port(port)
}

// SplitDestination splits a destination into its range or security group and its port. Both are zero where it is none.
func SplitDestination(text string) (to string, port int) {
	parts := destination.FindStringSubmatch(text)
	if parts == nil {
		return "", 0
	}
	port, _ = strconv.Atoi(parts[2]) // up to five digits
	return parts[1], port
}
