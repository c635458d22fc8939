"""SVG to a drawing that has no SVG left in it: shapes, groups and paints, or what of it cannot be drawn as a browser draws it."""
