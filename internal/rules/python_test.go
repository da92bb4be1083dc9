package rules

import "testing"

func TestPythonModules(t *testing.T) {
	check(t, []answer{
		{PythonModule("asset_manager.definitions"), ""},
		{PythonModule("_a1"), ""},
		{PythonModule(""), "is required"},
		{PythonModule("src/definitions.py"), `"src/definitions.py": is a file; its module is src.definitions`},
		{PythonModule("asset-manager"),
			`"asset-manager": has the part "asset-manager"; letters, digits and underscores, no digit first, are allowed between dots`},
		{PythonModule("a..b"), `"a..b": has the part ""; letters, digits and underscores, no digit first, are allowed between dots`},
	})
}
