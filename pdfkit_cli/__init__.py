"""Leaflets written once, printed right everywhere."""

from importlib.metadata import version

__version__ = version("pdfkit-cli")
