"""Who may do what, for every service."""
