"""Whatever fails, and whenever a hot folder is killed: no letter is lost, none goes out twice, and none is reported done without its pack."""

import errno
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.hot_folder_simulation import Mail, error, failing, in_a_child, memory, settled
from tests.helpers.soak_sampling import amount, sampled

pytestmark = pytest.mark.usefixtures("fake_packing")

ERRORS: dict[str, Callable[[], None]] = {
    **{
        name: error(getattr(errno, name))
        for name in ("EIO", "ENOSPC", "EMFILE", "ENAMETOOLONG", "ENOENT", "EACCES", "ESTALE", "EROFS", "EINVAL")
    },
    "memory": memory,
}


def sent(root: Path) -> Mail:
    """Return letters of each kind, as they lie there before they are dealt with."""
    mail = Mail(root)
    mail.put("a")
    mail.put("bad", leaflets=["T-9"])
    mail.put("split", channel="digital", way="split")
    for name in ("c", "d"):
        mail.letter(f"{name}.pdf", name)
    mail.write("l.csv", b"letter,clinic,leaflets,output\nc.pdf,north,T-1,c.pdf\nd.pdf,north,T-1,d.pdf\n")
    mail.put("z")
    return mail


def calls(root: Path) -> int:
    mail = sent(root)
    with failing(-1, memory) as system:
        mail.go(3)
    assert settled(mail) == []
    shutil.rmtree(root)
    return system.calls


def tried(mail: Mail, at: int, do: Callable[[], None]) -> None:
    """Let it go with one call that fails; the error may come when it starts, which says so and ends."""
    with failing(at, do):
        try:
            mail.go(3)
        except Exception:
            assert mail.folder is None, "an error has ended the hot folder"


@pytest.mark.soak
def test_an_error_at_any_call(tmp_path: Path) -> None:
    count = calls(tmp_path / "count")
    everything, found = [(name, at) for name in ERRORS for at in range(count)], dict[str, list[str]]()
    for name, at in sampled(everything, 60, 11):
        mail = sent(tmp_path / "post")
        tried(mail, at, ERRORS[name])
        if wrong := settled(mail):
            found[f"{name} at call {at}"] = wrong
        shutil.rmtree(tmp_path / "post")
    assert found == {}


@pytest.mark.soak
def test_killed_before_any_call(tmp_path: Path) -> None:
    count = calls(tmp_path / "count")
    for at in sampled(range(count), 25, 12):
        mail = sent(tmp_path / "post")

        def work(mail: Mail = mail, at: int = at) -> None:
            with failing(at, lambda: os._exit(9)):
                mail.open().look()
                mail.now += 10
                mail.open().look()

        in_a_child(work)
        assert settled(mail) == [], f"killed before call {at}"
        shutil.rmtree(tmp_path / "post")


@pytest.mark.soak
def test_killed_again_while_it_recovers(tmp_path: Path) -> None:
    count = calls(tmp_path / "count")
    source = random.Random(13)
    for _ in range(amount(8, 1500)):
        mail = sent(tmp_path / "post")
        for at in (source.randrange(count // 2, count), source.randrange(count // 2), source.randrange(count)):

            def work(mail: Mail = mail, at: int = at) -> None:
                with failing(at, lambda: os._exit(9)):
                    for _ in range(2):
                        mail.open().look()
                        mail.now += 10

            in_a_child(work)
            mail.print()
        assert settled(mail) == []
        shutil.rmtree(tmp_path / "post")
