"""Converts SVG to shapes, groups and paints, and reports everything that cannot be drawn as a browser draws it."""
