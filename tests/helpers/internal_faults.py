"""What is told of a bug of pdfkit."""

from pathlib import Path

from platformdirs import user_log_path

from pdfkit_cli.system import fault_log


def log_path() -> Path:
    """Return where bugs are written to."""
    return user_log_path("pdfkit", appauthor=False) / fault_log.LOG_NAME


def internal(kind: str) -> str:
    """Return how an exception is told that nobody expected."""
    return f"internal error ({kind}). This is a bug in pdfkit; please report it with {log_path()}"
