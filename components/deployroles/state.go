package deployroles

import "dagster-ecs/internal/iamdoc"

// The layout of Pulumi's own backends since 3.61
// (https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/store.go).
const root = ".pulumi/"

// readState lets the state be read, and the secrets in it be opened.
func (a *Args) readState() []iamdoc.Statement {
	return []iamdoc.Statement{
		{Sid: "FindState", Action: []string{"s3:ListBucket"}, Resource: []any{a.Location.BucketARN(a.State.Bucket)}},
		{
			Sid: "ReadState", Action: []string{"s3:GetObject"},
			Resource: append(a.objects(), a.Location.BucketARN(a.State.Bucket+"/"+root+"meta.yaml")),
		},
		{Sid: "OpenState", Action: []string{"kms:Decrypt"}, Resource: []any{a.State.KeyArn}},
		{Sid: "OpenSecrets", Action: []string{"kms:Decrypt"}, Resource: []any{a.State.SecretsKeyArn}},
	}
}

// changeState lets the state be written and locked. Pulumi deletes its locks and what it renames; the versions stay.
func (a *Args) changeState() []iamdoc.Statement {
	return []iamdoc.Statement{
		{Sid: "WriteState", Action: []string{"s3:DeleteObject", "s3:PutObject"}, Resource: a.objects()},
		{Sid: "SealState", Action: []string{"kms:GenerateDataKey"}, Resource: []any{a.State.KeyArn}},
		{
			Sid: "SealSecrets", Action: []string{"kms:Encrypt"}, // by pulumi stack init and change-secrets-provider
			Resource: []any{a.State.SecretsKeyArn},
		},
	}
}

// objects are those of the stack, and of none whose name begins like its own: a name has no dot.
func (a *Args) objects() (arns []any) {
	at := a.Project + "/" + a.Stack
	for _, path := range []string{
		"stacks/" + at + ".*", "backups/" + at + "/*", "history/" + at + "/*", "locks/organization/" + at + "/*",
	} {
		arns = append(arns, a.Location.BucketARN(a.State.Bucket+"/"+root+path))
	}
	return arns
}
