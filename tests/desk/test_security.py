"""Who may ask the desk, from where, and what a browser may do with the answer."""

from pathlib import Path

import pytest

from pdfkit_cli.desk import security
from pdfkit_cli.desk.settings import Settings, settings
from pdfkit_cli.errors import UsageError
from tests.desk.desks import client
from tests.libraries import TinyLibrary

TOKEN = "0123456789abcdef"


def made(host: str = "127.0.0.1", **environment: str) -> Settings:
    named = {f"PDFKIT_DESK_{name}": value for name, value in environment.items()}
    return settings(Path("leaflets"), Path("dist"), host, 8000, named)


def test_loopback_needs_nothing() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        assert not made(host).token


@pytest.mark.parametrize("host", ["0.0.0.0", "10.1.2.3", "::", "desk.example.org"])
def test_any_other_address_demands_a_token_or_a_header_and_says_how(host: str) -> None:
    with pytest.raises(UsageError, match="others can reach") as caught:
        made(host)
    assert "PDFKIT_DESK_TOKEN" in caught.value.hint
    assert "PDFKIT_DESK_USER_HEADER" in caught.value.hint
    assert made(host, TOKEN=TOKEN).token == TOKEN
    assert made(host, USER_HEADER="X-Remote-User").user_header == "x-remote-user"


def test_a_short_token_is_refused() -> None:
    with pytest.raises(UsageError, match="fewer than 16"):
        made("0.0.0.0", TOKEN="secret")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1"])
def test_another_host_header_is_refused(library: TinyLibrary, tmp_path: Path, host: str) -> None:
    answer = client(library.root, tmp_path / "dist").get("/", headers={"host": host})
    assert answer.status_code == 421


def test_names_that_are_allowed_besides_its_own(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist", hosts=frozenset({"desk.example.org"}))
    for host in ("desk.example.org", "127.0.0.1:8000", "localhost:8000", "[::1]:8000"):
        assert asking.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "", "origin": "http://evil.example"},
        {"sec-fetch-site": "", "origin": "null"},
        {"sec-fetch-site": ""},
    ],
)
def test_a_change_from_another_site_is_refused(library: TinyLibrary, tmp_path: Path, headers: dict[str, str]) -> None:
    asking = client(library.root, tmp_path / "dist")
    for path in ("/choose", "/pack", "/sign-in"):
        answer = asking.post(path, data={"clinic": "south"}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_change_from_our_own_page_passes_by_origin_too(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist")
    headers = {"sec-fetch-site": "", "origin": "http://127.0.0.1"}
    assert asking.post("/choose", data={"clinic": "south"}, headers=headers, follow_redirects=False).status_code == 303


def test_another_site_may_link_to_the_desk_and_load_nothing_of_it(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist")
    for mode, status in (("navigate", 200), ("no-cors", 403), ("cors", 403)):
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
        assert asking.get("/", headers=headers).status_code == status


def test_every_page_is_strict_and_has_nothing_inline_and_nothing_from_outside(
    library: TinyLibrary, tmp_path: Path
) -> None:
    asking = client(library.root, tmp_path / "dist")
    for path in ("/", "/clinic", "/nothing", "/leaflet/first"):
        answer = asking.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy + answer.text.replace("https://www.example.org", "")
        for inline in ("<style", " style=", " onclick", "javascript:"):
            assert inline not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script src="/static/')


def test_a_token_is_asked_for_once_and_the_cookie_does_not_tell_it(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdfkit_cli.desk.entrance.GUESS", 0)
    asking = client(library.root, tmp_path / "dist", token=TOKEN)
    assert asking.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert asking.get("/pdf/north/first.da.a4.pdf", follow_redirects=False).status_code == 303
    assert asking.get("/static/desk.css").status_code == 200
    assert asking.post("/sign-in", data={"token": "wrong"}).status_code == 403
    assert asking.get("/", follow_redirects=False).status_code == 303
    signed = asking.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)
    assert TOKEN not in signed.headers["set-cookie"]
    assert "HttpOnly" in signed.headers["set-cookie"]
    assert asking.get("/").status_code == 200


def test_a_session_ends_with_its_token() -> None:
    assert security.session("0123456789abcdef") != security.session("0123456789abcdeg")


def test_a_user_header_is_believed_from_the_proxy_only(library: TinyLibrary, tmp_path: Path) -> None:
    for proxies, headers, status in (
        ({"testclient"}, {"x-remote-user": "anna"}, 200),
        ({"testclient"}, {}, 401),
        ({"10.0.0.1"}, {"x-remote-user": "anna"}, 401),
    ):
        asking = client(library.root, tmp_path / "dist", user_header="x-remote-user", proxies=frozenset(proxies))
        assert asking.get("/", headers=headers).status_code == status


def test_a_body_that_is_too_large_is_read_no_further(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "LARGEST_BODY", 10_000)
    asking = client(library.root, tmp_path / "dist")
    headers = {"accept": "application/json"}
    answer = asking.post("/pack", files={"letter": ("x.pdf", b"x" * 20_000)}, headers=headers)
    assert (answer.status_code, answer.json()["problem"]) == (413, "too_large")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_choice_leads_back_into_the_desk_only(library: TinyLibrary, tmp_path: Path, back: str) -> None:
    asking = client(library.root, tmp_path / "dist")
    answer = asking.post("/choose", data={"clinic": "south", "back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e/manifest.json",
        "north%2f..%2f..%2fmanifest.json",
        "%2fetc%2fpasswd",
        "manifest.json",
        "north/first.da.a4.pdf%00",
        "south%2f..%2fnorth%2ffirst.da.a4.pdf",
    ],
)
def test_a_path_from_a_browser_is_looked_up_and_never_followed(library: TinyLibrary, tmp_path: Path, path: str) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/manifest.json").write_text("secret")
    asking = client(library.root, tmp_path / "dist")
    for kind in ("pdf", "ready", "picture", "static", "fonts"):
        answer = asking.get(f"/{kind}/{path}")
        assert answer.status_code == 404
        assert "secret" not in answer.text
