package rules

import (
	"strings"
	"testing"
)

func TestNamesOfVariables(t *testing.T) {
	check(t, []answer{
		{VariableName("DAGSTER_PG_HOST"), ""},
		{VariableName("_a1"), ""},
		{VariableName(""), "is required"},
		{VariableName("A-B"), `"A-B": has '-'; letters, digits and underscores are allowed`},
		{VariableName("1A"), `"1A": begins with a digit; a letter or an underscore comes first`},
		{OwnVariable("WAREHOUSE"), ""},
		{OwnVariable("A B"), `"A B": has white space; letters, digits and underscores are allowed`},
		{OwnVariable("DAGSTER_HOME"), `"DAGSTER_HOME": begins with DAGSTER_; the program manages such variables`},
		{OwnVariable("AWS_REGION"), `"AWS_REGION": begins with AWS_; the program manages such variables`},
		{OwnVariable("ECS_AGENT"), `"ECS_AGENT": begins with ECS_; the program manages such variables`},
		{OwnVariable("PGSSLMODE"), `"PGSSLMODE": begins with PG; the program manages such variables`},
	})
}

func TestNamesLikeSecretsAreRefused(t *testing.T) {
	const says = "is named like a secret; it belongs into the secrets"
	for _, name := range []string{
		"WAREHOUSE_PASSWORD", "SNOWFLAKE_PASS", "SMTPPASSWORD", "PWD", "API_TOKEN", "APIKEY", "API_KEY", "S3_ACCESS_KEY",
		"PRIVATE_KEY", "CLIENT_SECRET", "CREDENTIALS", "SECRET_KEY", "GPG_PASSPHRASE", "db_passwd",
		"AUTHTOKEN", "MYSECRET", "GITHUB_PAT", "SIGNING_KEY", "ENCRYPTION_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "TOKEN_PROD", "SECRET_KEY_BASE",
	} {
		check(t, []answer{{PlainVariable(name, "x"), says}})
	}
	for _, name := range []string{
		"OAUTH_TOKEN_URL", "DB_SECRET_ARN", "TOKEN_FILE", "TOKENIZER_HOST", "SECRETARY", "COMPASS", "PASSAGE", "KEYBOARD", "BYPASS",
		"TOKEN_TTL", "PASSWORD_MIN_LENGTH", "SECRET_ROTATION_DAYS", "MAX_TOKENS", "PASS_THROUGH", "PARTITION_KEY", "SSH_KEY_PATH", "PATTERN",
	} {
		check(t, []answer{{PlainVariable(name, "x"), ""}})
	}
}

func TestValuesLikeSecretsAreRefused(t *testing.T) {
	const says = "looks like a secret; it belongs into the secrets"
	for _, value := range []string{
		"postgresql://me:pass@example.com/x", "AKIA" + strings.Repeat("A", 16), "-----BEGIN RSA PRIVATE KEY-----",
		"host=db password=hunter2", "AccountName=a;AccountKey=abc==", "glpat-" + strings.Repeat("a", 20), "sk_live_" + strings.Repeat("a", 24),
		"dapi" + strings.Repeat("0", 32), "AIza" + strings.Repeat("a", 35),
		"ghp_" + strings.Repeat("a", 36), "https://github_pat_" + strings.Repeat("a", 22) + "@example.com/x", "xoxb-1", "eyJhbGciOi.eyJzdWIi",
	} {
		check(t, []answer{{PlainVariable("URL", value), says}})
	}
	check(t, []answer{
		{PlainVariable("HOST", "https://a@example.com:80/x:y@z"), ""},
		{PlainVariable("OPTIONS", "ask-anthropic happy_path=pwd password: see secrets"), ""},
		{PlainVariable("NOTE", "a\x00b"), "has a NUL character; all others are allowed"},
	})
}

func TestSecretsFitIntoAParameter(t *testing.T) {
	check(t, []answer{
		{SecretValue(strings.Repeat("x", 4096)), ""},
		{SecretValue("{ }"), ""},
		{SecretValue(""), "has 0 bytes; 1 to 4096 are allowed"},
		{SecretValue(strings.Repeat("x", 4097)), "has 4097 bytes; 1 to 4096 are allowed"},
		{SecretValue("password={{ env.PW }}"), "has {{, which Systems Manager reads as a reference; all else is allowed"},
		{SecretValue("a\x00"), "has a NUL character; all others are allowed"},
	})
}
