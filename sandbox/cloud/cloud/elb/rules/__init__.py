"""What Elastic Load Balancing refuses, by subject."""
