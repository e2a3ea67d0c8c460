"""Commands that take the whole screen: keys in, screens out."""
