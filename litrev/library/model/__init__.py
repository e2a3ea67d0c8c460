"""Records, values, evidence, consensus, codebook, entry types: plain data and its rules; no file,
no database.
"""
