// Package configuration builds what Dagster's services read: dagster.yaml, workspace.yaml and the configuration of AWS's
// SDKs as objects in the bucket, and the environment that the files refer to.
//
// It owns the objects and their rendering, and the init container that copies them into DAGSTER_HOME before a service
// starts. The objects lie in a folder named by their hash, and those of before stay: a service that ECS takes back to an
// earlier revision reads the files of that time. A run needs none of them: its launch command carries the instance, but
// it needs the same environment. It refuses what Dagster would not read.
//
// Logical names of children are API: <name>-instance, <name>-workspace and <name>-aws.
package configuration
