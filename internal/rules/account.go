package rules

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	regionForm = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	zoneForm   = regexp.MustCompile(`^([a-z]{2,4}(-[a-z]+)+-\d)[a-z]$`)
)

// Region refuses what has not the form of a region's name, such as us-west-1. Which regions there are is not asked: AWS
// adds some every year (AWS general reference, service endpoints).
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
	return nil
}

// partitionOf is the partition of a region by the beginning of its name (AWS general reference, ARNs; the partitions of
// AWS's SDKs).
func partitionOf(region string) string {
	for _, each := range []struct{ beginning, partition string }{
		{"us-gov-", "aws-us-gov"}, {"cn-", "aws-cn"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, each.beginning) {
			return each.partition
		}
	}
	return "aws"
}

// ReplicaRegion refuses a second region that cannot take copies of what stands in region: the same one, or one of another
// partition (S3 user guide, replication; RDS user guide, replicating automated backups; accounts belong to a partition).
// Where region itself is wrong only the form of the second one is judged.
func ReplicaRegion(replica, region string) error {
	if err := Region(replica); err != nil {
		return err
	}
	switch ours, theirs := partitionOf(region), partitionOf(replica); {
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
