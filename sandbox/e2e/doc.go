// Package e2e proves the deployment on this machine: the real program and stack files, the real engine and providers,
// an emulated AWS with enforced permissions, real containers and a real Dagster. Each test has a sandbox of its own.
// Run with `make test-end-to-end`; the tests have the build tag e2e, since they take minutes.
package e2e
