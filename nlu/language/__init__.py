"""Japanese as spaCy and GiNZA see it: one tokenizer for everything, and our sentences as a component."""
