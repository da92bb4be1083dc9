"""A small Dagster project: the code that the deployment runs."""
