"""What workers tell of where they are."""
