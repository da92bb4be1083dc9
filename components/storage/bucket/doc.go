// Package bucket builds the S3 bucket for compute logs, assets' outputs and Dagster's configuration.
//
// It builds the bucket with its key, versions, lifecycle and policy (TLS only, own key only), the bucket that its access
// logs go to and those of the load balancer, and on request a copy of everything in a second region under a key of that
// region, with access logs of its own. It owns the policies of these buckets; what workloads may do stands in their roles.
// It refuses names that S3 refuses, lifecycles that S3 refuses and a protected bucket that may be emptied.
//
// Logical names of children are API: they begin with `<name>-data`, `<name>-logs` and `<name>-replica`.
package bucket
