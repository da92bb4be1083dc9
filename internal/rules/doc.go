// Package rules says what a value may be: one small function per rule, used by the settings and by the components, so
// that the two cannot disagree. Each takes the value and answers nil or an error that says which part is wrong and what
// is allowed. Whoever calls adds the key or the field's name (problems.List.Take).
//
// A rule is the one that AWS, Dagster or PostgreSQL documents; the document is named in the rule's comment. Where this
// program is stricter the comment says so and why. Enumerations are types with a method Allowed, checked by Known.
package rules
