"""Renderers of the table model, one small file each behind one registry."""
