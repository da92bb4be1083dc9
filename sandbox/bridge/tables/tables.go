// Package tables holds the data that makes a bridged Terraform provider look like Pulumi's official
// plugin: which Terraform types are served under which token (<name>.tokens, written by hand), and
// where the official property names, list shapes or scalar types differ from the bridge's own rules
// (<name>.json, written by cmd/derive from the struct tags of the official SDK).
package tables

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// dataSourcePrefix marks a Terraform data source among the names of a tokens file.
const dataSourcePrefix = "data."

//go:embed *.tokens *.json
var files embed.FS

// Override says how one property differs from what the bridge derives on its own. The zero value
// means no difference.
type Override struct {
	Name        string               `json:"name,omitempty"`        // official property name
	MaxItemsOne *bool                `json:"maxItemsOne,omitempty"` // whether a list of one is a plain value
	Type        string               `json:"type,omitempty"`        // "int" or "bool" where Terraform has a string
	AutoName    *AutoName            `json:"autoName,omitempty"`    // the property is named automatically when unset
	Fields      map[string]*Override `json:"fields,omitempty"`      // of the nested object
}

// AutoName says how the official provider fills in a name that the program leaves out.
type AutoName struct {
	MaxLen int    `json:"maxLen,omitempty"` // most characters; 255 when 0
	Lower  bool   `json:"lower,omitempty"`  // in lower case
	Exact  bool   `json:"exact,omitempty"`  // the resource's own name, without a random end
	Fifo   string `json:"fifo,omitempty"`   // the boolean property that demands the ending .fifo
}

// Overrides maps a Terraform property name to what differs there.
type Overrides map[string]*Override

// Type is one served Terraform type.
type Type struct {
	Terraform string // Terraform type name, without dataSourcePrefix
	Token     string // Pulumi type or function token
	Function  bool   // a data source
}

// Table is everything known about one provider.
type Table struct {
	Types     []Type               `json:"-"`
	Config    Overrides            `json:"config,omitempty"`    // of the provider's own configuration
	Resources map[string]Overrides `json:"resources,omitempty"` // by Terraform type
	Functions map[string]Overrides `json:"functions,omitempty"` // by Terraform data source
}

// Load reads the table of the named provider ("aws", "random" or "postgresql").
func Load(name string) (*Table, error) {
	types, err := Types(name)
	if err != nil {
		return nil, err
	}
	raw, err := files.ReadFile(name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the overrides of provider %s: %w", name, err)
	}
	table := &Table{}
	if err := json.Unmarshal(raw, table); err != nil {
		return nil, fmt.Errorf("parse the overrides of provider %s: %w", name, err)
	}
	table.Types = types
	return table, nil
}

// Types reads the served types of the named provider.
func Types(name string) ([]Type, error) {
	raw, err := files.ReadFile(name + ".tokens")
	if err != nil {
		return nil, fmt.Errorf("read the tokens of provider %s: %w", name, err)
	}
	var types []Type
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		words := strings.Fields(line)
		if len(words) != 2 {
			return nil, fmt.Errorf("tokens of provider %s, line %d: %q is not a Terraform type and a token", name, i+1, line)
		}
		bare, function := strings.CutPrefix(words[0], dataSourcePrefix)
		types = append(types, Type{Terraform: bare, Token: words[1], Function: function})
	}
	return types, nil
}

// AutoNames reads what no struct tag says: the automatic names, by Terraform type and property.
func AutoNames(name string) (map[string]map[string]*AutoName, error) {
	all := map[string]map[string]map[string]*AutoName{}
	raw, err := files.ReadFile("autonames.json")
	if err != nil {
		return nil, fmt.Errorf("read the automatic names: %w", err)
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("parse the automatic names: %w", err)
	}
	return all[name], nil
}
