package configuration

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"dagster-ecs/components/workload"
	"dagster-ecs/internal/dagsterconf"
)

// The variables in which every process of Dagster finds the database's user and password: secrets.
const (
	DatabaseUserVariable     = dagsterconf.DatabaseUserVariable
	DatabasePasswordVariable = dagsterconf.DatabasePasswordVariable
)

// Surroundings are where a process of Dagster finds what it works with.
type Surroundings struct {
	// Region is the region of everything; required.
	Region string
	// DatabaseHost, DatabasePort and DatabaseName are the PostgreSQL database; required.
	DatabaseHost pulumi.StringInput
	DatabasePort int
	DatabaseName string
	// Bucket is the name of the bucket; required.
	Bucket pulumi.StringInput
}

// Environment is what every process of Dagster must have, without the database's user and password, which are secrets.
func Environment(s Surroundings) map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{
		dagsterconf.HomeVariable:         pulumi.String(workload.Home),
		dagsterconf.DatabaseHostVariable: s.DatabaseHost,
		dagsterconf.DatabasePortVariable: pulumi.String(strconv.Itoa(s.DatabasePort)),
		dagsterconf.DatabaseNameVariable: pulumi.String(s.DatabaseName),
		dagsterconf.BucketVariable:       s.Bucket,
		"PGSSLMODE":                      pulumi.String("require"),
		"AWS_REGION":                     pulumi.String(s.Region),
		"AWS_DEFAULT_REGION":             pulumi.String(s.Region), // boto3 reads this one only
	}
}
