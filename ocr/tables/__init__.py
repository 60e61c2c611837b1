"""Tables and forms, ruled or aligned."""
