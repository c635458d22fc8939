"""Takes passages of leaflets to translators and back: as numbered units, in files that their tools read."""
