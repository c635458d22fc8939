"""Access to the machine: files, folders, caches and worker processes. Independent of leaflets and PDFs."""
