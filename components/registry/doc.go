// Package registry makes the repository of the image of a code location: tags that never move, a scan at each push, and an end
// for old images.
//
// Logical names below a component named images:
//
//	images-repository, -lifecycle  the repository
//	images-replication             the copies in the second region; a registry has one such configuration
package registry
