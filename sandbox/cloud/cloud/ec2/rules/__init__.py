"""What EC2 refuses, by subject."""
