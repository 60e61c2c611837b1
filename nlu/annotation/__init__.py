"""Records on their way to and from annotators."""
