"""AWS Lambda: functions with a runtime of their own, each in a container."""
