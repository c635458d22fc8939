"""The machine below: files, folders, caches and worker processes. It knows nothing of leaflets or PDFs."""
