"""Amazon ECS: tasks as containers, and the services that keep them."""
