module dagster-ecs/sandbox

go 1.26

require (
	github.com/pulumi/pulumi/sdk/v3 v3.274.1
	gopkg.in/yaml.v3 v3.0.1
)
