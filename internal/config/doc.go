// Package config turns a stack's Pulumi settings into one typed value, Settings.
//
// It decodes strictly: an unknown key is refused at every level. What is not set comes from the profile's defaults, field
// by field, since Pulumi replaces an object of the project file whole. Every wrong value is refused before anything is
// registered, all at once: by the rules of package rules, by what the settings must have in common, and by the checks of
// the caller. Each refusal names the key, the value, the part that is wrong and what is allowed.
//
// Each object of the settings has a file: its type, its defaults by profile, and what is refused.
//
// It builds and owns nothing in AWS. Load is the thin part that knows Pulumi; Parse is pure.
package config
