// Package settings keeps the settings that a stack is deployed with in Pulumi's state, and refuses changes of them that
// would lose data or fail in the middle of an update, before anything is touched.
//
// It owns no resource of a cloud. Secrets are not kept. What may change package changes says.
package settings
