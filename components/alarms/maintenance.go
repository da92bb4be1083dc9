package alarms

import "fmt"

// mostDays is how far back CloudWatch looks with periods of a day (CloudWatch API reference, PutMetricAlarm: a week).
const mostDays = 7

// maintenance are the alarms on what removes old runs: that it failed or was not started, which the schedule gives up after
// a while, and that it has not succeeded for days, for whatever reason. A day counts in which the monitor was there: of a
// stack that is new nobody expects anything.
func (b *builder) maintenance() []alarm {
	of := b.args.Maintenance
	if of == nil {
		return nil
	}
	failed := above("maintenance", "The task that removes old runs failed, or could not be started",
		b.own("MaintenanceFailed", sum), 0, fiveMinutes, silenceIsWell)
	failed.of = append(failed.of, b.scheduler("InvocationDroppedCount", sum))
	failed.expression, failed.wrong, failed.periods = "FILL(m1, 0) + FILL(m2, 0)", 1, 1
	days := min(of.Days, mostDays)
	missed := above("maintenance-missed", fmt.Sprintf("The task that removes old runs has not succeeded for %d days", days),
		b.own("WebserverAnswers", sampleCount), 0, day, silenceIsWell)
	missed.of = append(missed.of, b.own("MaintenanceSucceeded", sum))
	missed.expression, missed.wrong, missed.periods = "IF(m1 > 0, IF(FILL(m2, 0) < 1, 1, 0), 0)", days, days
	return []alarm{failed, missed}
}
