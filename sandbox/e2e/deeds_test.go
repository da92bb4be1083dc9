//go:build e2e

package e2e

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"dagster-ecs/sandbox/internal/account"
)

// deeds are what the alarms on the trail tell. The last one ends what tells the others.
var deeds = []trouble{usedRoot, refusedCalls, changedPolicy, changedBucket, disabledKey, stoppedTrail}

// deedsTold does what a deployment does not do by itself, and waits until people were told of it.
func deedsTold(c *cloud) {
	p := subscribe(c)
	var each []trouble
	since := map[string]time.Time{}
	for _, deed := range deeds {
		if alarm := deed.alarms[0]; alarm != "audit-policies" && alarm != "audit-buckets" { // which the deployment fires
			each = append(each, deed)
			since[alarm] = p.move(0)
		}
	}
	for _, deed := range each {
		c.t.Cleanup(deed.strike(p))
	}
	p.until(since, types.StateValueAlarm, func(alarm string, at time.Time) {
		c.t.Logf("%s fired %s s after its deed", alarm, seconds(at.Sub(since[alarm])))
	})
}

// config is the configuration of the account's administrator.
func (p *pager) config() aws.Config {
	p.t.Helper()
	env, err := p.session.Environment(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return account.Config(env)
}

// must fails the test when a deed could not be done.
func (p *pager) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

var usedRoot = trouble{
	what: "the root user asks who it is", alarms: []string{"audit-root"},
	strike: func(p *pager) func() {
		e, err := p.session.Attach(p.t.Context())
		p.must("find the sandbox", err)
		_, err = sts.NewFromConfig(account.Config(e.Instance.RootEnv())).GetCallerIdentity(p.t.Context(), &sts.GetCallerIdentityInput{})
		p.must("ask as root", err)
		return func() {}
	},
}

// newcomer makes a user without permissions, and what removes it again.
func (p *pager) newcomer(name string) (config aws.Config, remove func()) {
	p.t.Helper()
	config = p.config()
	users := iam.NewFromConfig(config)
	_, err := users.CreateUser(p.t.Context(), &iam.CreateUserInput{UserName: &name})
	p.must("make a user", err)
	made, err := users.CreateAccessKey(p.t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	p.must("give the user keys", err)
	env, err := p.session.Environment(p.t.Context())
	p.must("find the account", err)
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = *made.AccessKey.AccessKeyId, *made.AccessKey.SecretAccessKey
	return account.Config(env), func() {
		_, err := users.DeleteAccessKey(context.Background(), &iam.DeleteAccessKeyInput{UserName: &name, AccessKeyId: made.AccessKey.AccessKeyId})
		p.must("delete the user's keys", err)
		_, err = users.DeleteUser(context.Background(), &iam.DeleteUserInput{UserName: &name})
		p.must("delete the user", err)
	}
}

// refusedCalls are as many as fire the alarm, of services that name the reason in either way.
var refusedCalls = trouble{
	what: "a user without permissions asks for instances and users", alarms: []string{"audit-refused"},
	strike: func(p *pager) func() {
		config, remove := p.newcomer("curious")
		for range 3 {
			if _, err := ec2.NewFromConfig(config).DescribeInstances(p.t.Context(), &ec2.DescribeInstancesInput{}); err == nil {
				p.t.Error("a user without permissions sees the instances")
			}
		}
		for range 2 {
			if _, err := iam.NewFromConfig(config).ListUsers(p.t.Context(), &iam.ListUsersInput{}); err == nil {
				p.t.Error("a user without permissions sees the users")
			}
		}
		return remove
	},
}

var changedPolicy = trouble{
	what: "a user is given a policy", alarms: []string{"audit-policies"},
	strike: func(p *pager) func() {
		_, remove := p.newcomer("promoted")
		users, name, policy := iam.NewFromConfig(p.config()), aws.String("promoted"), aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")
		_, err := users.AttachUserPolicy(p.t.Context(), &iam.AttachUserPolicyInput{UserName: name, PolicyArn: policy})
		p.must("attach a policy", err)
		return func() {
			_, err := users.DetachUserPolicy(context.Background(), &iam.DetachUserPolicyInput{UserName: name, PolicyArn: policy})
			p.must("detach the policy", err)
			remove()
		}
	},
}

var changedBucket = trouble{
	what: "a bucket is given a policy", alarms: []string{"audit-buckets"},
	strike: func(p *pager) func() {
		bucket, region := aws.String("found-on-the-way"), s3types.BucketLocationConstraint(p.config().Region)
		_, err := p.s3.CreateBucket(p.t.Context(), &s3.CreateBucketInput{
			Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
		})
		p.must("make a bucket", err)
		_, err = p.s3.PutBucketPolicy(p.t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{"Version": "2012-10-17",
			"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::found-on-the-way/*"}]}`)})
		p.must("give the bucket a policy", err)
		return func() {
			_, err := p.s3.DeleteBucket(context.Background(), &s3.DeleteBucketInput{Bucket: bucket})
			p.must("delete the bucket", err)
		}
	},
}

var disabledKey = trouble{
	what: "a key is disabled", alarms: []string{"audit-keys"},
	strike: func(p *pager) func() {
		keys := kms.NewFromConfig(p.config())
		made, err := keys.CreateKey(p.t.Context(), &kms.CreateKeyInput{})
		p.must("make a key", err)
		_, err = keys.DisableKey(p.t.Context(), &kms.DisableKeyInput{KeyId: made.KeyMetadata.KeyId})
		p.must("disable the key", err)
		return func() {
			_, err := keys.EnableKey(context.Background(), &kms.EnableKeyInput{KeyId: made.KeyMetadata.KeyId})
			p.must("enable the key", err)
		}
	},
}

var stoppedTrail = trouble{
	what: "the trail is stopped", alarms: []string{"audit-trail"},
	strike: func(p *pager) func() {
		trails, name := cloudtrail.NewFromConfig(p.config()), aws.String(p.output("trailArn"))
		_, err := trails.StopLogging(p.t.Context(), &cloudtrail.StopLoggingInput{Name: name})
		p.must("stop the trail", err)
		return func() {
			_, err := trails.StartLogging(context.Background(), &cloudtrail.StartLoggingInput{Name: name})
			p.must("start the trail", err)
		}
	},
}
