"""A code location that loads."""

from dagster import Definitions

definitions = Definitions()
