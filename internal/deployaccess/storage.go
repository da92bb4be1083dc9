package deployaccess

import "dagster-ecs/internal/iamdoc"

// configPrefix is where the program's own objects lie in the bucket.
const configPrefix = "/dagster/config/*"

func (s *stack) readStorage() []iamdoc.Statement {
	return []iamdoc.Statement{
		{
			Sid: "ReadBuckets",
			Action: []string{
				"s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLocation", "s3:GetBucketLogging",
				"s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
				"s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
				"s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
				"s3:GetReplicationConfiguration", "s3:ListBucket",
			},
			Resource: s.bucketARNs(""),
		},
		{
			Sid: "ReadConfiguration", Action: []string{"s3:GetObject", "s3:GetObjectTagging"},
			Resource: []any{s.here.BucketARN(s.buckets()[0] + configPrefix)},
		},
		{
			Sid:      "ListLogGroups",
			Action:   []string{"logs:DescribeLogGroups"},
			Resource: []any{"*"}, // they list, and a list is judged by all that there is
		},
		{
			Sid: "ReadLogGroups", Action: []string{"logs:DescribeMetricFilters", "logs:ListTagsForResource"}, Resource: s.logGroups(),
		},
	}
}

func (s *stack) changeStorage() []iamdoc.Statement {
	statements := []iamdoc.Statement{
		{
			Sid: "KeepBuckets",
			Action: []string{
				"s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:ListBucketVersions", "s3:PutAccelerateConfiguration",
				"s3:PutBucketLogging", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
				"s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
				"s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
			},
			Resource: s.bucketARNs(""),
		},
		{
			Sid:      "KeepConfiguration",
			Action:   []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:PutObjectTagging"},
			Resource: []any{s.here.BucketARN(s.buckets()[0] + configPrefix)},
		},
		{
			// A deployment that fails quotes what its tasks said: GetLogEvents.
			Sid: "KeepLogGroups",
			Action: []string{
				"logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:DeleteMetricFilter",
				"logs:DeleteRetentionPolicy", "logs:GetLogEvents", "logs:PutMetricFilter", "logs:PutRetentionPolicy",
				"logs:TagResource", "logs:UntagResource",
			},
			Resource: s.logGroups(),
		},
	}
	if s.Bucket.ForceDestroy {
		statements = append(statements, iamdoc.Statement{
			Sid: "EmptyBuckets", Action: []string{"s3:DeleteObject", "s3:DeleteObjectVersion"}, Resource: s.bucketARNs("/*"),
		})
	}
	return statements
}
