package dagsterconf

import "dagster-ecs/internal/problems"

// Workspace is what workspace.yaml is rendered from.
type Workspace struct {
	// Module is the Python module that holds the definitions; required.
	Module string
}

type workspaceFile struct {
	LoadFrom []source `yaml:"load_from"`
}

type source struct {
	Module string `yaml:"python_module"`
}

// Validate reports what is missing.
func (w Workspace) Validate() error {
	var list problems.List
	list.Required("Module", w.Module)
	return list.Err()
}

// Render gives workspace.yaml.
func (w Workspace) Render() ([]byte, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	return encode("workspace.yaml: where the code is. Rendered by the Pulumi program; a change here is lost.",
		workspaceFile{LoadFrom: []source{{Module: w.Module}}})
}
