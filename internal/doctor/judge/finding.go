// Package judge says what is wrong with a stack by what AWS said of it: the evidence, what to do first, and the section of the
// runbook. It asks nobody.
package judge

// Finding is something that is wrong.
type Finding struct {
	// What is wrong, as a sentence without its point.
	What string
	// Evidence is what AWS said.
	Evidence string
	// Do is what to do first.
	Do string
	// Section is where the runbook says more: a file of docs/ and the section in it.
	Section string
}

// Found is a finding: what is wrong, what AWS said, what to do first, and where the runbook says more.
func Found(what, evidence, do, section string) Finding { return Finding{what, evidence, do, section} }

// What to do first, and sections of the runbook, that several judgements share.
const (
	Again       = "pulumi refresh --preview-only --diff shows what is missing; pulumi up --refresh makes it anew"
	Denied      = "troubleshooting.md#s3-or-kms-says-accessdenied"
	Starting    = "troubleshooting.md#a-run-stays-in-starting-or-fails-before-its-first-step"
	unreachable = "troubleshooting.md#the-database-cannot-be-reached"
	targetless  = "operations.md#webserver-targets"
	takenBack   = "operations.md#when-a-deployment-fails"
)
