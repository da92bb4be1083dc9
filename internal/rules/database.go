package rules

import (
	"fmt"
	"slices"

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

// Rotation refuses a number of password rotations below 1, from which they count.
func Rotation(count int) error {
	if count < 1 {
		return fmt.Errorf("%d: too small; rotations count from 1", count)
	}
	return nil
}
