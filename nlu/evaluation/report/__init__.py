"""An evaluation as a page, as Markdown and as files."""
