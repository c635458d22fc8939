"""A desk as somebody starts it, but for its packs, which take for ever: `python -m tests.desk.slow_desk desk …`."""

import sys
import time

from pdfkit_cli import cli
from pdfkit_cli.desk import packing
from pdfkit_cli.packs import Pack, Packed


def hang(pack: Pack) -> Packed:
    time.sleep(600)
    raise AssertionError


if __name__ == "__main__":
    packing.work, packing.SECONDS = hang, 600.0
    sys.exit(cli._run(sys.argv[1:]))
