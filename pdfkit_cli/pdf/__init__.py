"""Everything done to finished PDFs."""
