"""Word, Excel and PowerPoint files (Office Open XML) as what stands on their pages, sheets and slides.

Their own markup is read, not the model that a library makes of it: automatic numbers, content controls,
tracked changes, text boxes, hidden rows and the formats of numbers make what a reader sees, and such models
leave them out.
"""
