package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dagster-ecs/internal/problems"
)

// DatabaseIdentifier refuses what cannot name an instance and what is around it: up to DatabaseIdentifierLimit lower-case
// letters, digits and single hyphens, a letter first (RDS CreateDBInstance, DBInstanceIdentifier, which takes 63).
func DatabaseIdentifier(identifier string) error {
	return hyphened(identifier, 1, DatabaseIdentifierLimit)
}

// reserved are the words that PostgreSQL 16 and 17 do not take as a name (PostgreSQL documentation, appendix C: reserved,
// also those that can be function or type), and the databases that RDS makes itself.
var reserved = []string{
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both",
	"case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
	"current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
	"current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for",
	"foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner", "intersect",
	"into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime", "localtimestamp",
	"natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary",
	"rdsadmin", "references", "returning", "right", "select", "session_user", "similar", "some", "symmetric",
	"system_user", "table", "tablesample", "template0", "template1", "then", "to", "trailing", "true", "union", "unique",
	"user", "using", "variadic", "verbose", "when", "where", "window", "with",
}

// DatabaseName refuses what cannot be a database inside the instance: 1 to 63 letters, digits and underscores, a letter
// first, no reserved word (RDS CreateDBInstance, DBName, for PostgreSQL). Upper case is refused too: PostgreSQL folds it
// where a name stands without quotes.
func DatabaseName(name string) error {
	if err := plain(name, 63, or(isLowerOrDigit, "_"), "lower-case letters, digits and underscores are allowed"); err != nil {
		return err
	}
	if !isLower(rune(name[0])) {
		return refuse(name, fmt.Sprintf("begins with %q; a letter comes first", name[0]))
	}
	if slices.Contains(reserved, name) {
		return refuse(name, "is reserved by PostgreSQL or RDS; another name is allowed")
	}
	return nil
}

// The sizes of a disk of general purpose for PostgreSQL in GiB (RDS user guide, storage types, gp3).
const (
	leastStorageGiB = 20
	mostStorageGiB  = 65536
)

// StorageGiB refuses a disk of fewer than 20 or more than 65536 GiB.
func StorageGiB(size int) error { return problems.Between(size, leastStorageGiB, mostStorageGiB) }

// MaxStorageGiB refuses a size up to which a disk grows by itself that is neither 0 (it does not grow) nor from a tenth
// above its size at creation to 65536 GiB (RDS user guide, storage autoscaling).
func MaxStorageGiB(most, size int) error {
	least := (size*11 + 9) / 10
	wrong := ""
	switch {
	case most == 0 || most >= least && most <= mostStorageGiB:
		return nil
	case most < least:
		wrong = fmt.Sprintf("less than a tenth above the size of %d", size)
	default:
		wrong = "too large"
	}
	return fmt.Errorf("%d: %s; 0 (no growth) and %d to %d are allowed", most, wrong, least, mostStorageGiB)
}

// BackupDays refuses a number of days outside of 1 to 35 for which any second can be restored. RDS takes 0 as well, for no
// backups (RDS CreateDBInstance, BackupRetentionPeriod); here the data are always saved.
func BackupDays(days int) error { return problems.Between(days, 1, 35) }

// securityGroup is the id of a group (EC2 user guide, "Resource IDs").
var securityGroup = regexp.MustCompile(`^sg-([0-9a-f]{8}|[0-9a-f]{17})$`)

// IsSecurityGroup says that a text is the id of a security group.
func IsSecurityGroup(id string) bool { return securityGroup.MatchString(id) }

// DatabaseClients refuses what is no client, and one that stands there twice.
func DatabaseClients(clients []string) error { return eachOnce(clients, DatabaseClient) }

// DatabaseClient refuses what is neither an IPv4 range nor the id of a security group. All addresses are no client: nobody
// is meant by them.
func DatabaseClient(client string) error {
	switch {
	case strings.HasPrefix(client, "sg-"):
		if !IsSecurityGroup(client) {
			return refuse(client, "is no id of a security group; sg- and 8 or 17 digits from 0 to f are allowed")
		}
		return nil
	case strings.HasSuffix(client, "/0"):
		return refuse(client, "means everybody; the ranges and security groups of clients are allowed")
	}
	return IPv4Range(client)
}

// LocalPort refuses a TCP port that a person without special rights cannot listen on: 1024 to 65535.
func LocalPort(port int) error { return problems.Between(port, 1024, 65535) }

// Rotation refuses a number of password rotations below 1, from which they count.
func Rotation(count int) error {
	if count < 1 {
		return fmt.Errorf("%d: too small; rotations count from 1", count)
	}
	return nil
}
