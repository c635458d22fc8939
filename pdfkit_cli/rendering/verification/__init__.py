"""Checks that a finished PDF contains everything that it must, and that a reader can read it."""
