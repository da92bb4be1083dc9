"""What the account has beside what stacks create."""
