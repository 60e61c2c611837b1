"""From lines of writing and ruled lines to blocks, tables and fields in reading order.

Everything here but `rulings` is plain data to plain data: no image, no engine.
"""
