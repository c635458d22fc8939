"""Sends leaflets to the printers of `printers.yaml` by the Internet Printing Protocol, and follows each job to its end."""
