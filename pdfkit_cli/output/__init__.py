"""The output folder: its manifest, what each PDF was made from, and the catalogue that opens without a server."""
