"""Who may ask the desk, from where, and what a browser may do with the answer."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdfkit_cli.desk import security, sessions
from pdfkit_cli.desk.sessions import SessionStore, SignInBusyError, TokenChecker
from pdfkit_cli.desk.settings import DeskRole, DeskSettings, load_settings
from pdfkit_cli.errors import UsageError
from tests.helpers.desk_client import client, desk_of
from tests.helpers.tiny_library import TinyLibrary

TOKEN = "8f3a91c27be04d56"


def made(host: str = "127.0.0.1", **environment: str) -> DeskSettings:
    named = {f"PDFKIT_DESK_{name}": value for name, value in environment.items()}
    return load_settings(Path("leaflets"), Path("dist"), host, 8000, named)


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
    for path in (
        "/choose",
        "/north/pack",
        "/north/pack/print",
        "/north/batch",
        "/north/batch/print",
        "/north/letter",
        "/north/print/first.da.a4.pdf",
        "/north/issued",
        "/keeper/translations/first/en",
        "/keeper/translations/first/en/take-over",
        "/sign-in",
    ):
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
    for path in ("/", "/clinic", "/nothing", "/north/leaflet/first"):
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
    monkeypatch.setattr("pdfkit_cli.desk.sessions.GUESS_SECONDS", 0)
    asking = client(library.root, tmp_path / "dist", token=TOKEN)
    assert asking.get("/", follow_redirects=False).headers["location"] == "/sign-in"
    assert asking.get("/north/pdf/first.da.a4.pdf", follow_redirects=False).status_code == 303
    assert asking.get("/static/desk.css").status_code == 200
    assert asking.post("/sign-in", data={"token": "wrong"}).status_code == 403
    assert asking.get("/", follow_redirects=False).status_code == 303
    signed = asking.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)
    assert TOKEN not in signed.headers["set-cookie"]
    assert "HttpOnly" in signed.headers["set-cookie"]
    assert asking.get("/").status_code == 200


# One guard

HOSTS = [
    "evil@127.0.0.1", "127.0.0.1/static/x?", "127.0.0.1#x", "127.0.0.1?x", "127.0.0.1\\evil", "127.0.0.1:", "127.0.0.1:80:80", "127.0.0.1:abc",
    "127.0.0.1:123456", "127.0.0.1 evil", "http://127.0.0.1", "//127.0.0.1", "[127.0.0.1]", "[::1", "::1", "[::1]x", "127.0.0.1,evil.example",
    "0x7f.1", "127.1", "2130706433", "localhost.", "%6cocalhost", "lоcalhost", "[", "", " ", "@", "[v1.x]", "1" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_a_name_and_a_port_and_nothing_else(library: TinyLibrary, tmp_path: Path, host: str) -> None:
    asking = client(library.root, tmp_path / "dist")
    answer = asking.get("/clinic", headers={"host": host.encode()})
    assert answer.status_code == 421
    assert set(security.SECURITY_HEADERS) <= set(answer.headers)


ORIGINS = [
    "http://[", "http://]", "http://[::1", "http://", "http:", "[", "null", "", "file://", "https://127.0.0.1:99999", "http://127.0.0.1/", "http://127.0.0.1?x",
    "http://evil@127.0.0.1", "http://127.0.0.1.evil.example", "http://127.0.0.1 http://127.0.0.1", "HTTP//127.0.0.1", "ftp://127.0.0.1",
    "http://127.0.0.1:80", "http://127.0.0.1\\@evil.example", "\u00e5", "http://" + "[" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_origin_is_ours_letter_by_letter(library: TinyLibrary, tmp_path: Path, origin: str) -> None:
    asking = client(library.root, tmp_path / "dist")
    for path in ("/sign-in", "/choose", "/north/pack", "/north/letter", "/keeper/build"):
        answer = asking.post(path, headers={"sec-fetch-site": "", "origin": origin.encode("latin-1")})
        assert answer.status_code == 403
        assert set(security.SECURITY_HEADERS) <= set(answer.headers)


def scope(method: str = "POST", path: str = "/choose", *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "query_string": b"", "client": ("testclient", 1), "http_version": "1.1", "headers": list(headers)}  # fmt: skip


HOST, SITE = (b"host", b"127.0.0.1"), (b"sec-fetch-site", b"same-origin")


@pytest.mark.parametrize(
    "headers",
    [
        (HOST,),
        (HOST, SITE, SITE),
        (HOST, SITE, (b"Sec-Fetch-Site", b"cross-site")),
        (HOST, (b"origin", b"http://127.0.0.1"), (b"origin", b"http://127.0.0.1")),
        (HOST, (b"origin", b"http://127.0.0.1"), (b"origin", b"http://evil.example")),
        (HOST, SITE, (b"origin", b"http://evil.example")),
        (HOST, SITE, (b"origin", b"http://[")),
        (HOST, HOST, SITE),
        (HOST, (b"host", b"evil.example"), SITE),
        (SITE,),
        (HOST, SITE, (b"content-length", b"1"), (b"transfer-encoding", b"chunked")),
    ],
)
def test_what_is_not_plain_is_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    guard = security.RequestGuard(_nowhere, DeskSettings(), SessionStore())
    assert guard._refusal(scope("POST", "/choose", *headers)) is not None
    assert guard._refusal(scope("POST", "/choose", HOST, SITE)) is None


async def _nowhere(*arguments: Any) -> None:
    raise ValueError("Anna Andersen")


@given(st.lists(st.tuples(st.sampled_from([b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"cookie", b"content-length", b"transfer-encoding", b"x-remote-user"]), st.one_of(st.binary(max_size=20), st.sampled_from([b"127.0.0.1", b"http://[", b"same-origin", b"http://127.0.0.1", b"(null)", b"navigate"])))), st.sampled_from(["GET", "POST", "HEAD", "TRACE", "x"]))  # fmt: skip
def test_the_guard_decides_without_exceptions(headers: list[tuple[bytes, bytes]], method: str) -> None:
    settings = DeskSettings(token=TOKEN, user_header="x-remote-user", proxies=frozenset({"testclient"}))
    guard = security.RequestGuard(_nowhere, settings, SessionStore())
    refusal = guard._refusal(scope(method, "/clinic", *headers))
    names = [name for name, _ in headers]
    if refusal is None:
        assert names.count(b"host") == 1
        assert names.count(b"x-remote-user") == 1


def test_a_fault_behind_the_guard_has_every_header_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    guard = security.RequestGuard(_nowhere, DeskSettings(), SessionStore())
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, guard(scope("GET", "/", HOST), receive, send)).result(20)
    assert sent[0]["status"] == 500
    assert {name.encode() for name in security.SECURITY_HEADERS} <= {name for name, _ in sent[0]["headers"]}
    assert "Andersen" not in str(sent) + caplog.text
    assert "ValueError" in caplog.text


NUMBERS = ["9" * 5000, "99999", "-1", "0", "+1", "1e3", "٣", "²", "1.0", "", " ", "0x1", "１"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_that_is_no_number_is_not_found(library: TinyLibrary, tmp_path: Path, number: str) -> None:
    asking = client(library.root, tmp_path / "dist")
    picture = f"/north/picture/first.da.a4.pdf?page={quote(number)}&width=480"
    assert asking.get(picture).status_code == 404
    assert asking.get(f"/keeper/picture/{quote(number) or 'x'}/after/north/first.da.a4.pdf").status_code == 404
    assert asking.get("/keeper/progress").status_code == 200


USERS = {
    "anna": 200, "ANNA": 200, "REGION\\b12345": 200, "søren@example.org": 200, "42": 200, "a.b-c_d": 200,
    "": 401, " ": 401, "(null)": 401, "null": 401, "NULL": 401, "-": 401, "--": 401, "\u00a0": 401, "\u00a0\u00a0": 401, "\u200b": 401,
    "(none)": 401, "nil": 401, "undefined": 401, "anonymous": 401, "\u2003": 401, "...": 401, "a\u200bb": 401,
}  # fmt: skip


@pytest.mark.parametrize("user", USERS)
def test_a_user_is_somebody(library: TinyLibrary, tmp_path: Path, user: str) -> None:
    asking = client(library.root, tmp_path / "dist", user_header="x-remote-user", proxies=frozenset({"testclient"}))
    assert asking.get("/clinic", headers={"x-remote-user": user.encode()}).status_code == USERS[user]


def test_a_user_in_another_encoding_or_twice(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist", user_header="x-remote-user", proxies=frozenset({"testclient"}))
    for value, status in ((b"s\xf8ren", 200), (b"\xa0", 401), (b"\xa0\xa0", 401), (b"\xff\xfe", 200)):
        assert asking.get("/clinic", headers={"x-remote-user": value}).status_code == status
    twice = [("x-remote-user", "anna"), ("X-Remote-User", "eva")]
    assert asking.get("/clinic", headers=twice).status_code == 401


# Sessions and tokens


def test_a_session_is_random_and_ends(library: TinyLibrary, tmp_path: Path) -> None:
    clock = [1000.0]
    known = SessionStore(lambda: clock[0])
    one, other = known.begin(), known.begin()
    assert one != other
    assert len(one) > 40
    assert not any(proof.encode() in repr(known._known).encode() for proof in (one, other))
    for _ in range(20):
        clock[0] += sessions.IDLE_SECONDS - 1
        assert known.has(one) == (clock[0] - 1000 <= sessions.MAX_SESSION_SECONDS)
    assert not known.has(other)
    assert not known.has("")
    assert not known.has("\udcff")
    third = known.begin()
    known.end(third)
    known.end("never there")
    assert not known.has(third)
    for _ in range(sessions.MAX_SESSIONS + 5):
        known.begin()
    assert len(known._known) == sessions.MAX_SESSIONS


def test_signing_out_ends_the_session_everywhere(library: TinyLibrary, tmp_path: Path) -> None:
    asking = client(library.root, tmp_path / "dist", token=TOKEN)
    signed = asking.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)
    stolen = signed.headers["set-cookie"].split(";")[0].split("=")[1]
    page = asking.get("/clinic").text
    assert 'action="/sign-out"' in page
    assert asking.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert asking.get("/clinic", follow_redirects=False).status_code == 200
    answer = asking.post("/sign-out", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    asking.cookies.set(security.SESSION_COOKIE, stolen)
    assert asking.get("/clinic", follow_redirects=False).status_code == 303
    assert "/sign-out" not in client(library.root, tmp_path / "dist").get("/clinic").text


def test_another_desk_knows_no_session_of_this_one(library: TinyLibrary, tmp_path: Path) -> None:
    asking, other = (client(library.root, tmp_path / "dist", token=TOKEN) for _ in range(2))
    asking.post("/sign-in", data={"token": TOKEN}, follow_redirects=False)
    other.cookies.set(security.SESSION_COOKIE, asking.cookies[security.SESSION_COOKIE])
    assert other.get("/clinic", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("https", [True, False])
def test_a_cookie_is_secure_where_browsers_reach_us_encrypted(library: TinyLibrary, tmp_path: Path, https: bool) -> None:  # fmt: skip
    asking = client(library.root, tmp_path / "dist", token=TOKEN, https=https)
    proof = desk_of(asking).sessions.begin()
    for path, data in (("/sign-in", {"token": TOKEN}), ("/choose", {"clinic": "south"})):
        headers = {
            "cookie": f"{security.SESSION_COOKIE}={proof}"
        }  # http://: this browser would keep a secure one to itself
        cookie = asking.post(path, data=data, headers=headers, follow_redirects=False).headers["set-cookie"]
        assert ("secure" in cookie.lower()) == https
        assert "httponly" in cookie.lower()


def test_wrong_tokens_are_slowed_for_all_together_and_counted(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    slept: list[float] = []
    at_once = [0, 0]

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        at_once[0] += 1
        at_once[1] = max(at_once)
        await asyncio.tasks.sleep(0)
        at_once[0] -= 1

    async def guess() -> tuple[list[Any], list[Any]]:
        token_checker = TokenChecker(TOKEN, frozenset({"proxy"}))
        one = await asyncio.gather(
            *(token_checker.opens(f"guess{n}", "stranger") for n in range(300)), return_exceptions=True
        )
        many = await asyncio.gather(
            *(token_checker.opens(f"guess{n}", f"a{n}") for n in range(300)), return_exceptions=True
        )
        behind = await asyncio.gather(
            *(token_checker.opens("x", "proxy") for _ in range(5)), token_checker.opens(TOKEN, "ward")
        )
        assert behind == [False] * 5 + [True]
        assert token_checker.wrong == sessions.MAX_QUEUED_PER_ADDRESS + sessions.MAX_QUEUED + 5
        return one, many

    # not in asyncio itself: desks of other tests may be running in this process
    monkeypatch.setattr(sessions, "asyncio", SimpleNamespace(Lock=asyncio.Lock, sleep=sleep))
    with ThreadPoolExecutor(1) as threads:
        one, many = threads.submit(asyncio.run, guess()).result(20)
    assert [one.count(False), many.count(False)] == [sessions.MAX_QUEUED_PER_ADDRESS, sessions.MAX_QUEUED]
    assert all(isinstance(each, SignInBusyError) for each in (*one, *many) if each is not False)
    assert slept == [sessions.GUESS_SECONDS] * (sessions.MAX_QUEUED_PER_ADDRESS + sessions.MAX_QUEUED + 5)
    assert at_once[1] == 1
    assert "wrong tokens since the desk was started: 10" in caplog.text
    assert len(caplog.records) == 2
    assert "guess" not in caplog.text


def test_who_guesses_too_fast_is_told_to_wait(library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr("pdfkit_cli.desk.sessions.MAX_QUEUED", 0)
    answer = client(library.root, tmp_path / "dist", token=TOKEN).post("/sign-in", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "set-cookie" not in answer.headers


WEAK = [
    "aaaaaaaaaaaaaaaa", "password12345678", "0123456789abcdef", "abababababababab", "abcabcabcabcabcabc", "passwordpassword", "1234567890123456",
    "qwertyuiopasdfgh", "Password-Password", "Sommer2026Sommer2026", "zyxwvutsrqponmlk", "aaaabbbbccccdddd", "hospital-leaflet", "adminadminadmin1",
    "1111222233334444", "aAaAaAaAaAaAaAaA", "acegikmoqsuwyacegik", "112233445566778899", "abcd1234abcd1234", "                ", "ååååååååååååååååå", "adgangskode12345",
]  # fmt: skip
GOOD = [
    "8f3a91c27be04d56",
    "q7#kLm2!zRt9@wXc",
    "d3b07384d113edec49eaa6238ad5ff00",
    "tændstik hest batteri",
    "Wq-3nF_8xT0aLz5Y",
]


@pytest.mark.parametrize("token", WEAK)
def test_a_token_that_can_be_guessed_is_refused(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        made("0.0.0.0", TOKEN=token)
    assert "openssl rand" in caught.value.hint or "PDFKIT_DESK_TOKEN" in caught.value.hint
    assert token.strip() not in str(caught.value).replace("PDFKIT_DESK_TOKEN", "") or not token.strip()


@pytest.mark.parametrize("token", GOOD)
def test_a_token_with_variety_is_taken(token: str) -> None:
    assert made("0.0.0.0", TOKEN=f" {token}\n").token == token


def test_random_tokens_are_taken() -> None:
    chance = random.Random(0)
    for length in (24, 32):
        tokens = ["".join(chance.choice("0123456789abcdef") for _ in range(length)) for _ in range(2000)]
        assert [token for token in tokens if sessions.token_weakness(token)] == []


def test_a_token_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{GOOD[0]}\n")
    assert made("0.0.0.0", TOKEN_FILE=str(file)).token == GOOD[0]
    for environment, words in (
        ({"TOKEN_FILE": str(file), "TOKEN": GOOD[1]}, "both set"),
        ({"TOKEN_FILE": str(tmp_path / "nowhere")}, "cannot be read"),
        ({"TOKEN_FILE": str(tmp_path)}, "cannot be read"),
    ):
        with pytest.raises(UsageError, match=words):
            made("127.0.0.1", **environment)
    for text, words in (("", "is empty"), ("aaaaaaaaaaaaaaaa", "easy to guess")):
        file.write_text(text)
        with pytest.raises(UsageError, match=words):
            made("127.0.0.1", TOKEN_FILE=str(file))


def test_encrypted_is_yes_or_no() -> None:
    assert [made(HTTPS=said).https for said in ("yes", "1", "TRUE", "no", "", "0")] == [True] * 3 + [False] * 3
    with pytest.raises(UsageError, match="PDFKIT_DESK_HTTPS"):
        made(HTTPS="maybe")


def test_a_user_header_is_believed_from_the_proxy_only(library: TinyLibrary, tmp_path: Path) -> None:
    for proxies, headers, status in (
        ({"testclient"}, {"x-remote-user": "anna"}, 200),
        ({"testclient"}, {}, 401),
        ({"10.0.0.1"}, {"x-remote-user": "anna"}, 401),
    ):
        asking = client(library.root, tmp_path / "dist", user_header="x-remote-user", proxies=frozenset(proxies))
        assert asking.get("/", headers=headers).status_code == status


def test_roles_are_in_a_file_by_name(tmp_path: Path) -> None:
    file = tmp_path / "roles"
    file.write_text("# who may\napprover: An.Approver, b  # both\nkeeper: b\nkeeper: c\n\n", "utf-8")
    found = made(USER_HEADER="X-User", ROLE_FILE=str(file), ROLE_HEADER="X-Roles")
    assert found.roles == {DeskRole.APPROVER: {"an.approver", "b"}, DeskRole.KEEPER: {"b", "c"}}
    assert found.role_header == "x-roles"


@pytest.mark.parametrize("content", ["boss: a", "approver a", ": a", b"\xff: a", None])
def test_a_role_file_that_says_something_else_is_refused(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "roles"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else f"keeper: b\n{content}\n".encode())
    with pytest.raises(UsageError, match="PDFKIT_DESK_ROLE_FILE"):
        made(USER_HEADER="X-User", ROLE_FILE=str(file))


def test_roles_need_names(tmp_path: Path) -> None:
    (tmp_path / "roles").write_text("keeper: b\n", "utf-8")
    for more in ({"ROLE_HEADER": "X-Roles"}, {"ROLE_FILE": str(tmp_path / "roles")}):
        with pytest.raises(UsageError, match="nothing says who a user is"):
            made(TOKEN=TOKEN, **more)


def test_a_body_that_is_too_large_is_read_no_further(
    library: TinyLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "MAX_UPLOAD_BYTES", 10_000)
    asking = client(library.root, tmp_path / "dist")
    headers = {"accept": "application/json"}
    for path in ("/north/pack", "/north/letter"):
        answer = asking.post(path, files={"letter": ("x.pdf", b"x" * 20_000)}, headers=headers)
        assert (answer.status_code, answer.json()["problem"]) == (413, "too_large")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_choice_leads_back_into_the_desk_only(library: TinyLibrary, tmp_path: Path, back: str) -> None:
    asking = client(library.root, tmp_path / "dist")
    answer = asking.post("/choose", data={"language": "sv", "back": back}, follow_redirects=False)
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
    manifest = '{"schema": 2, "files": {}, "inputs": {"secret": {}}, "pending": {}}'
    (tmp_path / "dist/manifest.json").write_text(manifest)
    asking = client(library.root, tmp_path / "dist")
    for kind in ("pdf", "ready", "picture", "static", "fonts"):
        for address in (f"/{kind}/{path}", f"/north/{kind}/{path}"):
            answer = asking.get(address)
            assert answer.status_code == 404, address
            assert "secret" not in answer.text
