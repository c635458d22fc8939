"""Renders an edition to HTML and to the bytes of a PDF, and checks that everything in the edition is on the page."""
