"""Session Manager for tasks: shells (ECS Exec) and port forwarding, as AWS's own plugin speaks it."""
