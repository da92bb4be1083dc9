package dagsterconf

// RenderStorage gives the part of dagster.yaml that says where the database is, for what works on its tables only.
func RenderStorage() ([]byte, error) {
	return encode("The storage of the instance.", storage())
}

// RenderKept gives the parts of dagster.yaml that say where an instance keeps what it knows of runs, for what removes them:
// the database, and the compute logs below a prefix of the bucket, without a slash at either end.
func RenderKept(computeLogPrefix string) ([]byte, error) {
	return encode("Where the instance keeps what it knows of runs.", keptFile{
		Storage: storage(), ComputeLogs: Instance{ComputeLogPrefix: computeLogPrefix}.computeLogs(),
	})
}
