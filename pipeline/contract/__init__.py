"""What the published tables hold: the columns of each table with their meaning, in three groups."""
