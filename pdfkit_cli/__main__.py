"""The way in, for the command `pdfkit` and for `python -m pdfkit_cli`."""

import signal


def main() -> None:
    """Load the command line and run it; an interrupt while it loads ends the process without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pdfkit_cli import cli
    from pdfkit_cli.system import core_dumps

    core_dumps.forbid()  # most commands open letters, or texts that nobody has published yet
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
