package deployaccess

import "dagster-ecs/internal/iamdoc"

const (
	// trail is the short name of the trail's role, key and log group.
	trail       = "trail"
	trailSuffix = "-" + trail
)

func (s *stack) trailARN() any { return s.here.ARN("cloudtrail", "trail/"+s.names.Base()) }

func (s *stack) readTrail() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid:      "ReadTrail",
			Action:   []string{"cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"},
			Resource: []any{s.trailARN()},
		},
		{Sid: "ListTrails", Action: []string{"cloudtrail:DescribeTrails"}, Resource: []any{"*"}}, // it lists
	}
}

func (s *stack) changeTrail() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		pass("PassToCloudTrail", "cloudtrail", s.roleARN(trail)),
		{
			Sid: "KeepTrail",
			Action: []string{
				"cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors",
				"cloudtrail:RemoveTags", "cloudtrail:StartLogging", "cloudtrail:UpdateTrail",
			},
			Resource: []any{s.trailARN()},
		},
		{
			Sid: "LockTrail", Action: []string{"s3:PutBucketObjectLockConfiguration"},
			Resource: []any{s.here.BucketARN(s.buckets()[0] + trailSuffix)},
		},
	}
	if s.Bucket.ForceDestroy {
		statements = append(statements, iamdoc.Statement{
			Sid: "EmptyTrail", Action: []string{"s3:BypassGovernanceRetention"},
			Resource: []any{s.here.BucketARN(s.buckets()[0] + trailSuffix + "/*")},
		})
	}
	return statements
}
