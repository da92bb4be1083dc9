// Package depot has what another type is converted to.
package depot

// Measures is what a shop's are converted to.
type Measures struct{ Height int }

// UnusedButByHelper is used by a helper of tests only.
const UnusedButByHelper = 1

// UnusedButByTest is used by another package's test only.
const UnusedButByTest = 2

// ExportedForItsOuterTest is used by this package and its test, which is a package of its own.
const ExportedForItsOuterTest = 3

var _ = ExportedForItsOuterTest

// UsedByAnotherModule has its user there.
const UsedByAnotherModule = 4
