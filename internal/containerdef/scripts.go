package containerdef

import _ "embed"

//go:embed scripts/configure.py
var configureScript string

//go:embed scripts/migrate.py
var migrateScript string

// Configure is the command that copies configuration objects into DAGSTER_HOME. Each file is KEY=NAME, a
// string or an Output; the bucket comes from DAGSTER_S3_BUCKET. The image needs Python with boto3, which dagster-aws brings along.
func Configure(files ...any) []any {
	return append([]any{"python", "-c", configureScript}, files...)
}

// Migrate is the command that creates or migrates Dagster's tables, with the storage that the dagster.yaml at path names.
func Migrate(path string) []any {
	return []any{"python", "-c", migrateScript, path}
}
