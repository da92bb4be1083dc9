// Package secrets keeps what is secret in SSM Parameter Store, as SecureString parameters under one customer-managed key.
//
// It builds the key and the parameters and gives the lists, name to ARN, from which ECS injects them, and a fingerprint
// that changes with their values. It owns nothing of the workloads: who may read which parameter stands in their
// execution roles. It refuses names that are no environment variables and a path that does not begin with a slash.
//
// Logical names of children are API: `<name>-secrets-key` for the key, `<name>-<NAME>` and `<name>-<group>-<NAME>` for
// parameters, `<name>-fingerprint-password` for what keys the fingerprints.
package secrets
