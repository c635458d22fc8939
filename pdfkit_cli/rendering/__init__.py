"""An edition to HTML and to the bytes of a PDF, and the check that everything in the edition is on the page."""
