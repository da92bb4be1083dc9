package judge

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// Key judges a key, which has to be enabled.
func Key(whose string, key kmstypes.KeyMetadata) []Finding {
	evidence := fmt.Sprintf("key %s is %s", aws.ToString(key.KeyId), key.KeyState)
	switch key.KeyState {
	case kmstypes.KeyStateEnabled:
		return nil
	case kmstypes.KeyStatePendingDeletion:
		return []Finding{{
			"The key of " + whose + " is going to be deleted, and all that it encrypts with it",
			fmt.Sprintf("%s on %s", evidence, aws.ToTime(key.DeletionDate).Format("2006-01-02")),
			"aws kms cancel-key-deletion, then enable-key", Denied,
		}}
	}
	return []Finding{{"The key of " + whose + " cannot be used", evidence, "aws kms enable-key", Denied}}
}

// working are the states in which an instance answers (RDS user guide, Viewing DB instance status).
var working = []string{
	"available", "backing-up", "configuring-enhanced-monitoring", "configuring-iam-database-auth", "configuring-log-exports", "modifying",
	"storage-optimization", "storage-config-upgrade",
}

// Instance judges a database instance, which has to answer with the parameters that it was given.
func Instance(instance rdstypes.DBInstance) (findings []Finding) {
	name, state := aws.ToString(instance.DBInstanceIdentifier), aws.ToString(instance.DBInstanceStatus)
	if !slices.Contains(working, state) {
		section := "operations.md#database-retries"
		if state == "storage-full" {
			section = "operations.md#database-storage"
		}
		findings = append(findings, Finding{
			fmt.Sprintf("The database %s is %s", name, state), "the instance's status", "wait where RDS works on it; else aws rds start-db-instance", section,
		})
	}
	for _, group := range instance.DBParameterGroups {
		if status := aws.ToString(group.ParameterApplyStatus); status == "pending-reboot" {
			findings = append(findings, Finding{
				fmt.Sprintf("The database %s does not work with its parameters yet", name),
				fmt.Sprintf("parameter group %s is %s", aws.ToString(group.DBParameterGroupName), status),
				"aws rds reboot-db-instance, at a time that you choose", "operations.md#change-a-setting",
			})
		}
	}
	return findings
}
