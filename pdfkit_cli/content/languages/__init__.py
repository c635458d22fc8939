"""What a language needs: its names, numbers, units, spacing, phones and readability. One file for each language where words differ."""
