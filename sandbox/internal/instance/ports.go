package instance

import (
	"fmt"
	"maps"
	"net"
	"slices"
)

// The ports that a sandbox takes when they are free and none is asked for. Its second stack takes the UI's next one.
const (
	usualUIPort       = 3000
	usualAWSPort      = 4566
	usualDatabasePort = 15432
)

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
	others := maps.Clone(i.UIPorts)
	delete(others, stack)
	taken := slices.AppendSeq(slices.Collect(maps.Values(others)), maps.Values(i.DatabasePorts))
	ui, aws := i.UIPorts[stack], i.AWSPort
	if ui == 0 || asked.UI != 0 && asked.UI != ui {
		if ui, err = choosePort("UI_PORT", asked.UI, usualUIPort+len(others), append(taken, aws, asked.AWS)); err != nil {
			return err
		}
	}
	if aws == 0 || asked.AWS != 0 && asked.AWS != aws {
		if aws, err = choosePort("AWS_PORT", asked.AWS, usualAWSPort, append(taken, ui)); err != nil {
			return err
		}
	}
	database := i.DatabasePorts[stack]
	if database == 0 {
		if database, err = choosePort("", 0, usualDatabasePort+len(i.DatabasePorts), append(taken, ui, aws)); err != nil {
			return err
		}
	}
	if ui == i.UIPorts[stack] && aws == i.AWSPort && database == i.DatabasePorts[stack] {
		return nil
	}
	i.UIPorts[stack], i.AWSPort, i.DatabasePorts[stack] = ui, aws, database
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
