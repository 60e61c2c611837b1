"""Text that was never on paper: what an Office file or a mail says, laid out on pages of our own."""
