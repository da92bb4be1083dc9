package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"dagster-ecs/internal/problems"
)

var (
	regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	zoneForm   = regexp.MustCompile(`^([a-z]{2,4}(-[a-z]+)+-\d)[a-z]$`)
)

// regions are those that the AWS provider of this program knows; it refuses all others itself (aws-sdk-go-base
// v2.0.0-beta.65, package endpoints, of pulumi-aws 6.83). By partition.
var regions = map[string][]string{
	"aws": {
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7",
		"ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
		"eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1",
		"us-east-2", "us-west-1", "us-west-2",
	},
	"aws-cn":     {"cn-north-1", "cn-northwest-1"},
	"aws-us-gov": {"us-gov-east-1", "us-gov-west-1"},
	"aws-iso":    {"us-iso-east-1", "us-iso-west-1"},
	"aws-iso-b":  {"us-isob-east-1"},
	"aws-iso-e":  {"eu-isoe-west-1"},
	"aws-iso-f":  {"us-isof-east-1", "us-isof-south-1"},
	"aws-eusc":   {"eusc-de-east-1"},
}

// Region refuses what is not the name of a region that the AWS provider knows, such as us-west-1.
func Region(region string) error {
	const allowed = "; a region is such as us-west-1"
	if region == "" {
		return errRequired
	}
	if found := stray(region, or(isLowerOrDigit, "-")); found != "" {
		return refuse(region, found+allowed)
	}
	if zone := zoneForm.FindStringSubmatch(region); zone != nil {
		return refuse(region, "is an availability zone; its region is "+zone[1])
	}
	if !regionForm.MatchString(region) {
		return refuse(region, "has another form than regions have"+allowed)
	}
	if Partition(region) == "" {
		return refuse(region, "is no region; "+problems.Allowed(near(region)...))
	}
	return nil
}

// near are the regions of the same part of the world; all of the first partition where there is none.
func near(region string) []string {
	continent, _, _ := strings.Cut(region, "-")
	var found []string
	for _, partition := range slices.Sorted(maps.Keys(regions)) {
		for _, each := range regions[partition] {
			if strings.HasPrefix(each, continent+"-") {
				found = append(found, each)
			}
		}
	}
	if len(found) == 0 {
		return regions["aws"]
	}
	return found
}

// Partition is the partition of a region (AWS general reference, ARNs); empty for one that is not known.
func Partition(region string) string {
	for partition, names := range regions {
		if slices.Contains(names, region) {
			return partition
		}
	}
	return ""
}

// HasDeploymentAlarms tells whether ECS looks at alarms during a deployment in a region. In GovCloud, China and isolated
// regions it refused services that speak of them (https://github.com/aws/copilot-cli/pull/4782,
// https://github.com/aws/aws-cdk/issues/26574, https://github.com/aws/aws-cdk/issues/26456), and AWS does not say where it
// does not any more.
func HasDeploymentAlarms(region string) bool { return Partition(region) == "aws" }

// ReplicaRegion refuses a second region that cannot take copies of what stands in region: the same one, or one of another
// partition (S3 user guide, replication; RDS user guide, replicating automated backups; accounts belong to a partition).
// Where region itself is wrong only the form of the second one is judged.
func ReplicaRegion(replica, region string) error {
	if err := Region(replica); err != nil {
		return err
	}
	switch ours, theirs := Partition(region), Partition(replica); {
	case Region(region) != nil:
		return nil
	case replica == region:
		return refuse(replica, "is the region of the original; a copy there survives nothing")
	case ours != theirs:
		return refuse(replica, fmt.Sprintf("lies in partition %s; copies of %s stay in partition %s", theirs, region, ours))
	}
	return nil
}

// Account refuses what is not an account's id of 12 digits (AWS account management guide, account identifiers).
func Account(account string) error {
	if account == "" {
		return errRequired
	}
	if found := stray(account, isDigit); found != "" {
		return refuse(account, found+"; 12 digits are allowed")
	}
	if digits := utf8.RuneCountInString(account); digits != 12 {
		return refuse(account, fmt.Sprintf("has %d digits; 12 are allowed, in quotes, so that zeros in front stay", digits))
	}
	return nil
}
