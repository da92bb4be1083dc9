// Package shop declares names of every kind.
package shop

import "fmt"

const (
	UsedConstant   = 1
	UnusedConstant = 2
)

var UnusedVariable = usedHere

var _ = UnusedOutside

// UnusedOutside is used by this package and its inner test only.
const UnusedOutside = 4

const usedHere = UnusedInsideOnly

// UnusedInsideOnly is used by its own package only.
const UnusedInsideOnly = 3

// Args has a field that nobody sets, though the package reads it.
type Args struct {
	UsedField   int
	UnusedField int
}

// Order is used through what gives it: nobody spells it out.
type Order struct{ lines }

// lines is embedded: its method is used through Order.
type lines []line

type line struct{ Number int }

// UsedMethod is called by the program.
func (l lines) UsedMethod() int { return l[0].Number }

// UnusedMethod is called by the test of this package only.
func (Order) UnusedMethod() {}

// String is called by package fmt.
func (Order) String() string { return "order" }

// NewOrder is called by the program.
func NewOrder(a Args) Order {
	return Order{lines{{a.UsedField + a.UnusedField}}}
}

type UnusedType struct{}

// Pair is filled without the names of its fields.
type Pair struct{ First, Second int }

// Measures is converted to another type as a whole.
type Measures struct{ Height int }

// Wire is encoded; nobody sets its field.
type Wire struct {
	Empty string `json:"empty"`
}

// Failure is found by package errors.
type failure struct{ cause error }

func (f failure) Error() string { return fmt.Sprint("shop: ", f.cause) }

func (f failure) Unwrap() error { return f.cause }

var _ error = failure{}

func unusedFunction() {}

type unusedWithField struct{ unusedField int }

// ExportedForATest is used by its own package and by another's test.
const ExportedForATest = 1

var _ = ExportedForATest

// ExportedForATaggedTest is used by its own package and by another's test with a build tag.
const ExportedForATaggedTest = 2

var _ = ExportedForATaggedTest
