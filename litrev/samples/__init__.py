"""Sample abstracts in the messy form in which real ones come, all written for litrev, with metadata
for some.
"""
