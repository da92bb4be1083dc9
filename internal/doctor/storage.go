package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"dagster-ecs/internal/doctor/judge"
)

// What keys encrypt.
const (
	ofBucket     = "the bucket"
	ofDatabase   = "the database"
	ofParameters = "the parameters"
)

// sorted are the keys of a map, in one order each time.
func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

// is tells whether AWS answered with one of the codes.
func is(err error, codes ...string) bool {
	var answered smithy.APIError
	return errors.As(err, &answered) && slices.Contains(codes, answered.ErrorCode())
}

// bucket looks whether the bucket is there and lets whoever looks in.
func (e *examination) bucket(ctx context.Context) ([]Finding, error) {
	_, err := e.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &e.Bucket})
	if is(err, "NotFound", "NoSuchBucket") {
		return []Finding{judge.Found(
			"The bucket "+e.Bucket+" is not there", err.Error(),
			"pulumi up --refresh makes an empty one; objects come back from the copy", "operations.md#objects-old-versions-and-the-copy",
		)}, nil
	}
	return nil, err
}

// usable notes the keys by their ARNs, and looks whether can be used: those that bucket, database and
// parameters are encrypted with.
func (e *examination) usable(ctx context.Context) (findings []Finding, err error) {
	e.keys = map[string]string{}
	for _, find := range []func(context.Context) error{e.bucketKeys, e.databaseKey, e.parameterKeys} {
		if err := find(ctx); err != nil {
			return nil, err
		}
	}
	delete(e.keys, "")
	for _, key := range sorted(e.keys) {
		answer, err := e.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
		if err != nil {
			return findings, fmt.Errorf("describe the key of %s: %w", e.keys[key], err)
		}
		whose, arn := e.keys[key], aws.ToString(answer.KeyMetadata.Arn)
		if key != arn { // a parameter names its key as whoever wrote it did, also by an alias
			delete(e.keys, key)
			if e.keys[arn] != "" {
				continue
			}
			e.keys[arn] = whose
		}
		findings = append(findings, judge.Key(whose, *answer.KeyMetadata)...)
	}
	return findings, nil
}

// bucketKeys notes what the bucket is encrypted with. What is gone has no key, which other checks tell.
func (e *examination) bucketKeys(ctx context.Context) error {
	encryption, err := e.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &e.Bucket})
	if is(err, "NoSuchBucket") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask for the encryption of bucket %s: %w", e.Bucket, err)
	}
	for _, rule := range encryption.ServerSideEncryptionConfiguration.Rules {
		if rule.ApplyServerSideEncryptionByDefault != nil {
			e.keys[aws.ToString(rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID)] = ofBucket
		}
	}
	return nil
}

func (e *examination) databaseKey(ctx context.Context) error {
	instance, err := e.instance(ctx)
	if instance != nil {
		e.keys[aws.ToString(instance.KmsKeyId)] = ofDatabase
	}
	return err
}

func (e *examination) parameterKeys(ctx context.Context) error {
	pages := ssm.NewDescribeParametersPaginator(e.ssm, &ssm.DescribeParametersInput{ParameterFilters: []ssmtypes.ParameterStringFilter{
		{Key: aws.String("Name"), Option: aws.String("BeginsWith"), Values: []string{e.Parameters + "/"}},
	}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list parameters below %s: %w", e.Parameters, err)
		}
		for _, parameter := range page.Parameters {
			e.keys[aws.ToString(parameter.KeyId)] = ofParameters
		}
	}
	return nil
}

// database looks whether the database can be used.
func (e *examination) database(ctx context.Context) ([]Finding, error) {
	instance, err := e.instance(ctx)
	if err != nil {
		return nil, err
	}
	if instance == nil {
		return []Finding{judge.Found(
			"The database is not there", "RDS has no instance at "+e.Database, "restore it from its last snapshot", "operations.md#restore-the-database",
		)}, nil
	}
	return judge.Instance(*instance), nil
}

// instance is the database's instance, nil where it is gone.
func (e *examination) instance(ctx context.Context) (*rdstypes.DBInstance, error) {
	host, _, err := net.SplitHostPort(e.Database)
	if err != nil {
		return nil, fmt.Errorf("read the output databaseEndpoint: %w", err)
	}
	pages := rds.NewDescribeDBInstancesPaginator(e.rds, &rds.DescribeDBInstancesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe database instances: %w", err)
		}
		for _, instance := range page.DBInstances {
			if instance.Endpoint != nil && aws.ToString(instance.Endpoint.Address) == host {
				return &instance, nil
			}
		}
	}
	return nil, nil
}
