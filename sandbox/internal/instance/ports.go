package instance

import (
	"fmt"
	"net"
)

// The ports that a sandbox takes when they are free and none is asked for.
const (
	usualUIPort  = 3000
	usualAWSPort = 4566
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

// ChoosePorts gives the sandbox ports that are free now: those asked for, else the usual ones or, where they are taken,
// any. Whoever listens first has a port: another sandbox may take it before this one starts.
func (i *Instance) ChoosePorts(asked Ports) (err error) {
	if i.UIPort, err = choosePort("UI_PORT", asked.UI, usualUIPort, asked.AWS); err != nil {
		return err
	}
	if i.AWSPort, err = choosePort("AWS_PORT", asked.AWS, usualAWSPort, i.UIPort); err != nil {
		return err
	}
	return i.save()
}

// move gives a sandbox that has ports those that are asked for and that it does not have.
func (i *Instance) move(asked Ports) (err error) {
	if (asked.UI == 0 || asked.UI == i.UIPort) && (asked.AWS == 0 || asked.AWS == i.AWSPort) {
		return nil
	}
	for _, each := range []struct {
		variable string
		asked    int
		has      *int
		other    int
	}{{"UI_PORT", asked.UI, &i.UIPort, i.AWSPort}, {"AWS_PORT", asked.AWS, &i.AWSPort, i.UIPort}} {
		if each.asked == 0 || each.asked == *each.has {
			continue
		}
		if *each.has, err = choosePort(each.variable, each.asked, 0, each.other); err != nil {
			return err
		}
	}
	return i.save()
}

// choosePort answers the port asked for, or the usual one, or any; never the other one of the sandbox.
func choosePort(variable string, asked, usual, other int) (int, error) {
	if asked != 0 {
		port, err := freePort(asked)
		if err != nil || port == other {
			return 0, fmt.Errorf("%s=%d is taken by another program: give a free one, or none", variable, asked)
		}
		return port, nil
	}
	if usual != other {
		if port, err := freePort(usual); err == nil {
			return port, nil
		}
	}
	for {
		port, err := freePort(0)
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if port != other {
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
