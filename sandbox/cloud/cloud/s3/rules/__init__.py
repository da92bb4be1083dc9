"""What S3 refuses, by subject."""
