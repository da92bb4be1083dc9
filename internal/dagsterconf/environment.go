package dagsterconf

// The environment variables that every process of Dagster must have: dagster.yaml takes its values from them, and a run
// resolves them anew in its own container. Code that people deploy may read them too, so their names are API.
const (
	HomeVariable             = "DAGSTER_HOME"
	DatabaseHostVariable     = "DAGSTER_PG_HOST"
	DatabasePortVariable     = "DAGSTER_PG_PORT"
	DatabaseNameVariable     = "DAGSTER_PG_DB"
	DatabaseUserVariable     = "DAGSTER_PG_USER"
	DatabasePasswordVariable = "DAGSTER_PG_PASSWORD"
	BucketVariable           = "DAGSTER_S3_BUCKET"
)
