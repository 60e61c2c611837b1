"""What lies in the inbox, and what of it could not be read."""
