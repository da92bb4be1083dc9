"""Amazon EC2 and its networks."""
