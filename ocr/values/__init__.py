"""What the printed value of a form's field means: a date, a time, an amount, a number, a choice.

One module reads one kind of value. A value is read as a whole or not at all: what a sentence happens to
mention is no value, and what could mean two things has none.
"""
