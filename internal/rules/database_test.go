package rules

import (
	"strings"
	"testing"
)

func TestNamesOfDatabases(t *testing.T) {
	const allowed = "; lower-case letters, digits and underscores are allowed"
	long := strings.Repeat("a", 64)
	check(t, []answer{
		{DatabaseName("dagster"), ""},
		{DatabaseName("users"), ""},
		{DatabaseName(""), "is required"},
		{DatabaseName("my-db"), `"my-db": has '-'` + allowed},
		{DatabaseName("Dagster"), `"Dagster": has upper case` + allowed},
		{DatabaseName("_dagster"), `"_dagster": begins with '_'; a letter comes first`},
		{DatabaseName("user"), `"user": is reserved by PostgreSQL or RDS; another name is allowed`},
		{DatabaseName("select"), `"select": is reserved by PostgreSQL or RDS; another name is allowed`},
		{DatabaseName("rdsadmin"), `"rdsadmin": is reserved by PostgreSQL or RDS; another name is allowed`},
		{DatabaseName(long), `"` + long + `": has 64 characters; 1 to 63 are allowed`},
		{DatabaseIdentifier("asset-manager-dev"), ""},
		{DatabaseIdentifier(strings.Repeat("a", 41)), `"` + strings.Repeat("a", 41) + `": has 41 characters; 1 to 40 are allowed`},
		{DatabaseIdentifier("a--b"), `"a--b": has two hyphens in a row; lower-case letters, digits and single hyphens are allowed`},
	})
}

func TestSizesOfDatabases(t *testing.T) {
	check(t, []answer{
		{StorageGiB(20), ""},
		{StorageGiB(19), "19: too small; 20 to 65536 is allowed"},
		{StorageGiB(65537), "65537: too large; 20 to 65536 is allowed"},
		{MaxStorageGiB(0, 20), ""},
		{MaxStorageGiB(22, 20), ""},
		{MaxStorageGiB(21, 20), "21: less than a tenth above the size of 20; 0 (no growth) and 22 to 65536 are allowed"},
		{MaxStorageGiB(23, 21), "23: less than a tenth above the size of 21; 0 (no growth) and 24 to 65536 are allowed"},
		{MaxStorageGiB(65537, 20), "65537: too large; 0 (no growth) and 22 to 65536 are allowed"},
		{BackupDays(35), ""},
		{BackupDays(0), "0: too small; 1 to 35 is allowed"},
		{Rotation(1), ""},
		{Rotation(0), "0: too small; rotations count from 1"},
	})
}

func TestMemoryOfInstanceClasses(t *testing.T) {
	for class, want := range map[string]int{
		"db.t4g.micro": 1, "db.t4g.small": 2, "db.t3.medium": 4, "db.t3.large": 8, "db.t4g.2xlarge": 32,
		"db.m6g.large": 8, "db.m5.24xlarge": 384, "db.m6i.32xlarge": 512, "db.m7i.48xlarge": 768,
		"db.r6g.large": 16, "db.r6g.4xlarge": 128, "db.x2g.large": 32, "db.x2g.16xlarge": 1024, "db.x2iedn.32xlarge": 4096,
	} {
		if got, err := InstanceMemoryGiB(class); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", class, got, err, want)
		}
	}
}

func TestClassesThatRDSDoesNotOffer(t *testing.T) {
	const families = "; m5, m5d, m6g, m6gd, m6i, m6id, m6idn, m6in, m7g, m7i, m8a, m8g, m8gd, m9g, r5, r5b, r5d, r6g, r6gd, r6i, " +
		"r6id, r6idn, r6in, r7g, r7i, r8a, r8g, r8gd, t3, t4g, x2g, x2idn and x2iedn are allowed"
	check(t, []answer{
		{InstanceClass(""), "is required"},
		{InstanceClass("large"), `"large": has another form than instance classes have; a class is such as db.t4g.small`},
		{InstanceClass("db.t2.medium"), `"db.t2.medium": RDS has no family "t2" for PostgreSQL 16 and 17` + families},
		{InstanceClass("db.t4.small"), `"db.t4.small": RDS has no family "t4" for PostgreSQL 16 and 17` + families},
		{InstanceClass("db.t4g.4xlarge"), `"db.t4g.4xlarge": the family t4g has no size "4xlarge"; ` +
			"micro, small, medium, large, xlarge and 2xlarge are allowed"},
		{InstanceClass("db.m6g.24xlarge"), `"db.m6g.24xlarge": the family m6g has no size "24xlarge"; ` +
			"large, xlarge, 2xlarge, 4xlarge, 8xlarge, 12xlarge and 16xlarge are allowed"},
	})
}
