// Package deployroles makes the roles that deploy a stack and that preview it, with the boundary of the roles that the stack
// makes itself: what package deployaccess says, and the stack's own state.
//
// Logical names below a component named prod:
//
//	prod-boundary                    the policy that bounds the stack's own roles
//	prod-deploy-role, -state, -N     the role that deploys, its use of the state, its policies with their attachments
//	prod-preview-role, -state, -N    the role that previews, likewise
package deployroles
