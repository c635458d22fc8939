"""Converts images to forms that a PDF can contain: PNG and JPEG files, and SVG drawings."""
