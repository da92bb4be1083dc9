"""What ECS on Fargate refuses when a request arrives."""
