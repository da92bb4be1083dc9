package rules

import "dagster-ecs/internal/problems"

// Percent refuses a share that is never or always exceeded.
func Percent(percent int) error { return problems.Between(percent, 1, 99) }

// AlarmCount refuses a number of things that no installation has.
func AlarmCount(number int) error { return problems.Between(number, 1, 100_000) }

// AlarmMinutes refuses a time beyond a day, for which a metric is no signal.
func AlarmMinutes(minutes int) error { return problems.Between(minutes, 1, 24*60) }

// FreeStorageGiB refuses what no disk of RDS has free, and too little to act in time.
func FreeStorageGiB(gib int) error { return problems.Between(gib, 1, 65536) }

// CertificateDays refuses more days than a certificate of ACM is valid for (13 months).
func CertificateDays(days int) error { return problems.Between(days, 1, 395) }
