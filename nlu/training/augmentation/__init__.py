"""Changed copies of annotated records: what they say stays, how it is written does not."""
