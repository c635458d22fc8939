"""The secretaries' web page, over the same calls as the command line. Needs the extra `desk`."""
