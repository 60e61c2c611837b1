"""Characters: how wide they print, which way they run, which begin an item."""
