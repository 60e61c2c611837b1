"""What a night has to do: what is known of the inbox, what has changed, which documents are due and why."""
