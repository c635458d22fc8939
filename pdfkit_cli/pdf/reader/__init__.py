"""Reads the content of a PDF that pdfkit wrote: its pages with text, pictures and fills, and their reading order."""
