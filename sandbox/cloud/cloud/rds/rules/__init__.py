"""What RDS refuses, by subject."""
