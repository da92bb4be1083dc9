package example

import "example/internal/hidden"

type Named = hidden.Named

type Args struct {
	Reported  []hidden.Struct
	Named     map[string]*hidden.Named
	Choice    hidden.Choice
	Choices   []hidden.Choice
	unexposed hidden.Struct
}

func (a *Args) Take(*hidden.Inner) hidden.Struct { return a.unexposed }

func Give() hidden.Struct { return hidden.Struct{} }
