"""Commands of the nightly batch."""
