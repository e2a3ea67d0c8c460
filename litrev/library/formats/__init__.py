"""The formats litrev reads and writes, one small file each behind one registry."""
