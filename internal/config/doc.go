// Package config turns a stack's Pulumi settings into one typed value, Settings.
//
// It decodes strictly (an unknown key is refused at every level), fills what is not set from the
// profile's defaults (Pulumi replaces an object of the project file whole, it never merges), and
// refuses every wrong value, all at once, before anything is registered. Each refusal names the key,
// the value and what is allowed.
//
// It builds and owns nothing in AWS. Load is the thin part that knows Pulumi; Parse is pure.
package config
