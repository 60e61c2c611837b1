"""Tables, fields and parts of files."""
