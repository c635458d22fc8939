"""`python -m pdfkit_cli` is `pdfkit`."""

from pdfkit_cli.cli import main

main()
