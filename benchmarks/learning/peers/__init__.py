"""What somebody would use today: each peer learns one task on its own."""
