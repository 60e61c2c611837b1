"""Where documents begin in a file that holds several: a stack of forms that went through one feeder."""
