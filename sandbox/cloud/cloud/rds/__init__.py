"""Amazon RDS for PostgreSQL."""
