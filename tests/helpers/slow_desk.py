"""A desk as somebody starts it, but for its packs, which take for ever: `python -m tests.helpers.slow_desk desk …`."""

import sys
import time

from pdfkit_cli import cli
from pdfkit_cli.desk import pack_views
from pdfkit_cli.packs.assembly import Pack, PackResult


def hang(pack: Pack) -> PackResult:
    time.sleep(600)
    raise AssertionError


if __name__ == "__main__":
    pack_views.make_in_worker, pack_views.PACK_SECONDS = hang, 600.0
    sys.exit(cli._run_command(sys.argv[1:]))
