"""Builds: plan, render in worker processes, publish; and the verification of finished PDFs."""
