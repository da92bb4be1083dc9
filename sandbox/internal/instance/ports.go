package instance

import (
	"fmt"
	"hash/crc32"
	"net"
	"slices"
)

// The ports that a sandbox takes when they are free and none is asked for. Its second stack takes the UI's next one.
const (
	usualUIPort       = 3000
	usualAWSPort      = 4566
	usualPsqlPort     = 25432
	firstDatabasePort = 15432
)

// databasePorts is how many ports the sandboxes of a machine share. Pulumi listens while an update lasts only, so that a port
// looks free which another sandbox has chosen: each begins elsewhere.
const databasePorts = 9000

func (i *Instance) ownPort() int {
	return firstDatabasePort + int(crc32.ChecksumIEEE([]byte(i.ID))%databasePorts)
}

// lastPort is the highest that TCP has.
const lastPort = 65535

// Ports are those asked for on this machine; 0 leaves the choice to the sandbox.
type Ports struct{ UI, AWS int }

// validate refuses what no sandbox can have.
func (p Ports) validate() error {
	for _, each := range []struct {
		variable string
		port     int
	}{{"UI_PORT", p.UI}, {"AWS_PORT", p.AWS}} {
		if each.port < 0 || each.port > lastPort {
			return fmt.Errorf("%s=%d: a port is 1 to %d, or 0 for any that is free", each.variable, each.port, lastPort)
		}
	}
	if p.UI != 0 && p.UI == p.AWS {
		return fmt.Errorf("UI_PORT and AWS_PORT are both %d: give two", p.UI)
	}
	return nil
}

// GivePorts gives the sandbox and the stack the ports that they lack (0), and those that are asked for: the usual ones or,
// where those are taken, any. Whoever listens first has a port: another sandbox may take it before this one starts.
func (i *Instance) GivePorts(stack string, asked Ports) (err error) {
	ui, aws, database, psql := i.UIPorts[stack], i.AWSPort, i.DatabasePorts[stack], i.PsqlPorts[stack]
	before := [...]int{ui, aws, database, psql}
	var others []int
	for _, ports := range []map[string]int{i.UIPorts, i.DatabasePorts, i.PsqlPorts} {
		for other, port := range ports {
			if other != stack {
				others = append(others, port)
			}
		}
	}
	number := len(slices.DeleteFunc(i.Stacks(), func(other string) bool { return other == stack }))
	for _, each := range []struct {
		port         *int
		variable     string
		asked, usual int
	}{
		{&ui, "UI_PORT", asked.UI, usualUIPort + number},
		{&aws, "AWS_PORT", asked.AWS, usualAWSPort},
		{&database, "", 0, i.ownPort() + number},
		{&psql, "", 0, usualPsqlPort + number},
	} {
		if *each.port != 0 && (each.asked == 0 || each.asked == *each.port) {
			continue
		}
		taken := append(slices.Clone(others), ui, aws, database, psql)
		if each.port != &aws {
			taken = append(taken, asked.AWS)
		}
		if *each.port, err = choosePort(each.variable, each.asked, each.usual, taken); err != nil {
			return err
		}
	}
	if before == [...]int{ui, aws, database, psql} {
		return nil
	}
	i.UIPorts[stack], i.AWSPort, i.DatabasePorts[stack], i.PsqlPorts[stack] = ui, aws, database, psql
	return i.save()
}

// choosePort answers the port asked for, or the usual one, or any; never one of the sandbox's others.
func choosePort(variable string, asked, usual int, others []int) (int, error) {
	if asked != 0 {
		port, err := freePort(asked)
		if err != nil || slices.Contains(others, port) {
			return 0, fmt.Errorf("%s=%d is taken: give a free port, or none", variable, asked)
		}
		return port, nil
	}
	if !slices.Contains(others, usual) {
		if port, err := freePort(usual); err == nil {
			return port, nil
		}
	}
	for {
		port, err := freePort(0)
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if !slices.Contains(others, port) {
			return port, nil
		}
	}
}

func freePort(port int) (int, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
