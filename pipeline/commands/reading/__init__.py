"""Commands that read files by hand."""
