"""Requests are refused as AWS refuses them: by the services' own models, then by rules that need knowledge."""
