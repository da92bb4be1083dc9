package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Code says where Dagster finds the definitions inside the image, and what they connect to.
type Code struct {
	// Module is the Python module that holds the Definitions object, such as asset_manager.definitions. Required.
	Module string `setting:"module"`

	// Destinations are what code may connect to beside HTTPS on the internet, such as a warehouse or a service in the
	// network: an IPv4 range or the id of a security group, a colon and a TCP port, such as 10.20.0.0/16:5439. Each is a rule of
	// webserver, daemon, migration and runs, which all load the code. The other side has to let them in.
	Destinations []string `setting:"destinations"`
}

func (s Settings) validateCode(list *problems.List) {
	list.Take("dagster:image", rules.Image(s.Image))
	list.Take("dagster:code.module", rules.PythonModule(s.Code.Module))
	list.Take("dagster:code.destinations", rules.Destinations(s.Code.Destinations))
}
