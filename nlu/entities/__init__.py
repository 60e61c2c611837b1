"""Names and figures in business Japanese: who, where, what, how much, when, under which law."""
