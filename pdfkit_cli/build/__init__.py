"""Builds: plan, render in worker processes, publish; and the verification of finished PDFs."""

TIME_LIMIT = 60.0
"""Time limit for one render, in seconds."""

SCHEMA_KINDS = (
    "library",
    "appointments",
    "printers",
    "recalls",
    "leaflet",
    "front-matter",
    "clinic",
    "brand",
    "language",
    "glossary",
)
"""The kinds of file that authors write, and that have a schema."""
