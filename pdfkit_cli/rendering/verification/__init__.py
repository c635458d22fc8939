"""Whether a finished PDF contains everything that it must, and whether a reader can read it."""
