"""What keeps a run alone on its output, ends it when it hangs, and remembers which documents kill it."""
