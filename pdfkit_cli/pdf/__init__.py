"""A toolkit for PDF files, independent of leaflets: read, merge, compare and audit them."""
