"""The content of a PDF that we wrote: its pages with text, pictures and fills, in reading order."""
