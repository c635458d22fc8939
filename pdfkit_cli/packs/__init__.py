"""Leaflets attached to appointment letters: one letter, lists of letters, and a hot folder."""
