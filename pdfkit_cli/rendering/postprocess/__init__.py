"""Corrections to WeasyPrint's output, on the objects of a PDF before it is written."""
