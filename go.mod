module dagster-ecs

go 1.26

require (
	github.com/pulumi/pulumi-aws/sdk/v6 v6.83.2
	github.com/pulumi/pulumi-postgresql/sdk/v3 v3.16.2
	github.com/pulumi/pulumi-random/sdk/v4 v4.19.1
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
	gopkg.in/yaml.v3 v3.0.1
)
