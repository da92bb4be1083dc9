// Package pipeline lets the jobs of a repository take roles without a key that is kept: the account trusts the tokens that
// GitHub or GitLab signs for a job, by the repository and what the job is for.
//
// Logical names below a component named pipeline:
//
//	pipeline-provider              the identity provider, unless the account has it
//	pipeline-image-role, -policy   the role that pushes images
package pipeline
