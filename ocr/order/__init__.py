"""In which order the parts of a page are read."""
