package dagsterconf

// RenderStorage gives the part of dagster.yaml that says where the database is, for what works on its tables only.
func RenderStorage() ([]byte, error) {
	return encode("The storage of the instance.", storage())
}
