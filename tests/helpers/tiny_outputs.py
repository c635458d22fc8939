"""The PDFs of the tiny library."""

NORTH = ["north/first.da.a4.pdf", "north/first.da.a5.pdf"]


SOUTH = ["south/first.da.a4.pdf", "south/first.da.a5.pdf"]


WEST = ["west/first.da.a4.pdf", "west/first.da.a5.pdf"]
