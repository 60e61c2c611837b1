"""What a company asks for: its folder, its settings, its label sheet."""
