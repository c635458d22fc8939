"""Corrections to what WeasyPrint makes, on the objects of a PDF before it is written."""
