"""Images as a PDF can hold them: PNG and JPEG, and drawings from SVG."""
