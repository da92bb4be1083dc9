package capacity

import (
	"encoding/json"
	"fmt"
)

// The largest documents that AWS takes.
const (
	// DefinitionLimit is how many bytes a task definition may have (Amazon ECS service quotas, not adjustable).
	DefinitionLimit = 64 * 1024
	// PolicyLimit is how many characters all the inline policies of a role may have together, without white space (IAM
	// quotas, not adjustable).
	PolicyLimit = 10240
)

// What the documents have beside what the settings make long, rounded up: the scripts of the daemon (its own stands
// twice, as start and as health check), and the statements of an execution role. The tests of package stacks hold both
// against what is registered.
const (
	restOfDefinition = 24 * 1024
	restOfPolicy     = 2 * 1024
)

// containersOfService is how many containers a service's task has, each with the whole environment.
const containersOfService = 2

// DefinitionSize is about how many bytes the largest task definition has. Secrets are given with the ARNs of their
// parameters, which its last container reads.
func DefinitionSize(environment, secrets map[string]string) (int, error) {
	type variable struct{ Name, Value string }
	type secret struct{ Name, ValueFrom string }
	size := restOfDefinition
	for name, value := range environment {
		written, err := json.Marshal(variable{name, value})
		if err != nil {
			return 0, fmt.Errorf("write variable %s: %w", name, err)
		}
		size += containersOfService * (len(written) + 1)
	}
	for name, arn := range secrets {
		written, err := json.Marshal(secret{name, arn})
		if err != nil {
			return 0, fmt.Errorf("write secret %s: %w", name, err)
		}
		size += len(written) + 1
	}
	return size, nil
}

// PolicySize is about how many characters the policy has by which ECS reads the secrets of a task: each parameter's ARN
// stands in the resource and in the condition for its key.
func PolicySize(secrets map[string]string) int {
	size := restOfPolicy
	for _, arn := range secrets {
		size += 2 * (len(arn) + len(`"",`))
	}
	return size
}
