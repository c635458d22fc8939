"""Channels for packs that a test makes by itself."""

from pdfkit_cli.content.models import Channel

PAPER = Channel(sides=2)
"""Paper, in an envelope of any size."""

DIGITAL = Channel(files=99)
"""Without paper, and without a limit."""
