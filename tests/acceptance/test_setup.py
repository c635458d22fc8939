"""`make setup`: which installer gets what, with stand-ins that only print what they were asked for."""

import os
import subprocess
from pathlib import Path

from tests.helpers.tiny_library import ROOT

PIP = """#!/bin/sh
if [ "$1" = config ]; then echo "$PIP_SAYS"; exit; fi
echo "pip $*"
case "$*" in */dev/stdin) cat;; esac
"""
UV = """#!/bin/sh
echo "uv $*"
case "$*" in *lock) exit "$UV_EXITS";; esac
"""


def _installed(folder: Path, *, config: str = "", uv_exits: int = 0) -> list[str]:
    """Return who installed requirements.lock, after uv was installed from it with its hashes."""
    (folder / "bin").mkdir()
    for name, script in (("pip", PIP), ("uv", UV), ("python", "#!/bin/sh\n")):
        (folder / "bin" / name).write_text(script)
        (folder / "bin" / name).chmod(0o755)
    command = ["make", "--silent", f"VENV={folder}", "PYTHON=true", str(folder / ".ready")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment |= {"PIP_SAYS": config, "UV_EXITS": str(uv_exits)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.endswith("requirements.lock"))
    _, uv, *hashes = lines[:first]
    assert uv.startswith("uv==")
    assert hashes
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)
    assert all("--require-hashes" in line for line in lines[first:-1])
    assert lines[-1].startswith("uv ")
    return [line.split()[0] for line in lines[first:-1]]


def test_uv_installs_the_lock(tmp_path: Path) -> None:
    assert _installed(tmp_path, config="global.extra-index-url='https://other'") == ["uv"]


def test_pip_installs_what_uv_cannot(tmp_path: Path) -> None:
    assert _installed(tmp_path, uv_exits=2) == ["uv", "pip"]


def test_an_index_that_pip_was_told_of_is_used(tmp_path: Path) -> None:
    assert _installed(tmp_path, config=":env:.index-url='https://mirror'") == ["pip"]
