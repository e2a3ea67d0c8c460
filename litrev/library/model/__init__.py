"""Records, values, evidence, the codebook: plain data and its rules; no file, no database."""
