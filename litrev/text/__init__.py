"""What is true of any text: lines, control characters, spelling, pinyin, JSON, spreadsheets."""
