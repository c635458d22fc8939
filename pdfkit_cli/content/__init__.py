"""What authors write: files read with their positions, Markdown to typed blocks, the loaded library, and editions of it."""
