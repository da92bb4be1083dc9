// Package publication publishes a stack's outputs as SSM parameters, for teams that use no Pulumi: CloudFormation, Terraform and
// AWS's command line read them by a path.
//
// Logical names below a component named outputs:
//
//	outputs-NAME  a parameter for each
package publication
