package config

import (
	"dagster-ecs/internal/problems"
	"dagster-ecs/internal/rules"
)

// Code says where Dagster finds the definitions inside the image.
type Code struct {
	// Module is the Python module that holds the Definitions object, such as asset_manager.definitions. Required.
	Module string `setting:"module"`
}

func (s Settings) validateCode(list *problems.List) {
	list.Take("dagster:image", rules.Image(s.Image))
	list.Take("dagster:code.module", rules.PythonModule(s.Code.Module))
}
