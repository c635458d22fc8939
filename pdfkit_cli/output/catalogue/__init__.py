"""The catalogue without a server: pages of the output folder that open from a file share by double click."""

INDEX_FILE = "index.html"
