"""What is true of any text: line ends, display and control characters, pinyin, spelling, JSON,
spreadsheets. Knows nothing of litrev.
"""
