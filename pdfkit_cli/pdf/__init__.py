"""A toolkit for PDF files that knows nothing of leaflets: read, merge, compare and audit them."""
