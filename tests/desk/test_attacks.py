"""What a stranger may try at the desk, and what every answer says to a browser."""

import io
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter
from starlette.testclient import TestClient

from pdfkit_cli.desk import pack_views, security
from pdfkit_cli.desk.app import ROUTES
from tests.helpers.desk_app_client import HERE, OWN, opened
from tests.helpers.tiny_library import TinyLibrary

TOKEN = "0123456789abcdef0123"
FILE = "first.da.a4.pdf"
PATH = f"north/{FILE}"
CLINIC = {"clinic": "north", "language": "en"}
ADDRESSES = [
    "/", "/north", "/north/", "/leaflet/first", f"/pdf/{PATH}", "/north/keeper", "/north/keeper/findings", "/north/keeper/matrix", "/north/keeper/progress", "/north/keeper/issued", "/north/keeper/issued.csv", "/keeper/issued", "/keeper/issued.csv",
    f"/north/keeper/differences/{PATH}", f"/north/keeper/picture/0/after/{PATH}", "/clinic", "/sign-in", "/north/leaflet/first", f"/north/ready/{FILE}", f"/north/pdf/{FILE}", f"/north/earlier/{FILE}", f"/north/picture/{FILE}", "/north/pack", "/north/pack/print", "/keeper",
    "/keeper/findings", "/keeper/matrix", "/keeper/pdfs", "/north/keeper/pdfs", "/keeper/survey", "/north/keeper/survey", "/keeper/translations", "/north/keeper/translations", "/keeper/translations/first/en", "/north/keeper/translations/first/en", "/keeper/translations/first/en/po", "/north/keeper/translations/first/en/po", "/keeper/clinic/north", "/north/keeper/clinic/north", "/keeper/review/first", "/north/keeper/review/first", "/keeper/review/first/page/1", "/north/keeper/review/first/page/1", "/keeper/progress", f"/keeper/differences/{PATH}", f"/keeper/picture/0/after/{PATH}",
    f"/north/personal/{FILE}", f"/north/print/{FILE}", "/north/batch", "/north/batch/print", "/north/batch/pdf", "/choose", "/sign-out", "/health", "/static/desk.css", "/static/none.css", "/fonts/SourceSans3-Regular.ttf", "/brand/north.css", "/brand/north/logo.svg", "/nowhere",
]  # fmt: skip


@pytest.fixture
def out(library: TinyLibrary) -> Path:
    library.replace("content/first/leaflet.yaml", "[a4, a5]", "[a4]")
    return library.root.parent / "dist"


def at(client: TestClient) -> TestClient:
    for name, value in CLINIC.items():
        client.cookies.set(name, value)
    return client


# Every answer


def test_every_answer_has_the_headers_of_safety(library: TinyLibrary, out: Path) -> None:
    with opened(library.root, out) as client:
        for address in ADDRESSES:
            for method in ("GET", "POST", "DELETE"):
                answer = at(client).request(method, address, headers=OWN)
                for name in security.SECURITY_HEADERS:
                    assert name in answer.headers, (method, address, name)
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "unsafe-eval" not in policy
                if "text/html" in answer.headers.get("content-type", ""):
                    assert "unsafe-inline" not in policy
                    assert answer.headers["cache-control"] == "no-store"
                    _holds_to(answer.text)
        refused = client.get("/", headers={"host": "evil.example"})
        assert set(security.SECURITY_HEADERS) <= set(refused.headers), "the answer to a stranger, too"


def _holds_to(html: str) -> None:
    """A page needs nothing that the policy forbids: no script or style inside it, nothing from elsewhere."""
    assert not re.search(r"<script(?![^>]* src=\"/static/)", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=\"", html)
    assert not re.search(r"(src|href|action)=\"(https?:)?//", html)


def test_every_route_is_tried() -> None:
    pages = [route for route in ROUTES if "GET" in (route.methods or ())]
    assert len(pages) > 15
    missing = [route.path for route in pages if not any(map(route.path_regex.match, ADDRESSES))]
    assert missing == [], "add an address of each to ADDRESSES"


# From elsewhere


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", "", "localhost@evil.example", "[::1", "127.0.0.1, evil.example"])  # fmt: skip
def test_another_host_is_no_host(library: TinyLibrary, out: Path, host: str) -> None:
    with opened(library.root, out) as client:
        answer = client.get("/", headers={"host": host})
        assert answer.status_code == 421
        assert "Klinik" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000"])
def test_its_own_names_are_known(library: TinyLibrary, out: Path, host: str) -> None:
    with opened(library.root, out) as client:
        assert client.get("/clinic", headers={"host": host}).status_code == 200


FOREIGN: list[dict[str, str]] = [
    {},
    {"origin": "null"},
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:8001"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
    {"origin": HERE, "sec-fetch-site": "same-site"},
    {"origin": HERE, "sec-fetch-site": "none"},
    {"referer": f"{HERE}/"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize(
    "address",
    [
        "/choose",
        "/north/pack",
        "/north/pack/print",
        "/north/letter",
        "/keeper/build",
        "/keeper/clinic/north",
        "/keeper/translations/first/en",
        "/keeper/translations/first/en/take-over",
        "/keeper/review/first/approve",
        "/keeper/review/first/remark",
        "/keeper/review/first/settle",
        "/sign-in",
        f"/north/personal/{FILE}",
        f"/north/print/{FILE}",
        "/north/batch",
        "/north/batch/print",
        "/north/issued",
    ],
)
def test_nothing_is_done_for_another_site(
    library: TinyLibrary, out: Path, address: str, headers: dict[str, str]
) -> None:
    with opened(library.root, out) as client:
        answer = at(client).post(address, headers=headers, data={"clinic": "south"})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (403, None)
        assert client.get("/keeper/progress").text.count("data-running") == 0


def test_another_site_cannot_embed_an_answer(library: TinyLibrary, out: Path) -> None:
    with opened(library.root, out) as client:
        for mode in ("no-cors", "cors", "websocket"):
            headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
            assert at(client).get(f"/north/pdf/{FILE}", headers=headers).status_code == 403
        followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
        assert at(client).get("/clinic", headers=followed).status_code == 200, "a link elsewhere may lead here"


@pytest.mark.parametrize("back", ["http://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/x\r\nset-cookie: a=b", "http:/evil.example", "/\t/evil.example"])  # fmt: skip
def test_nobody_is_led_to_another_site(library: TinyLibrary, out: Path, back: str) -> None:
    with opened(library.root, out) as client:
        answer = client.post("/choose", headers=OWN, data={"language": "sv", "back": back})
        assert answer.status_code == 303
        where = answer.headers["location"]
        assert re.match(r"/(?![/\\])", re.sub("[\t\r\n]", "", where)), where
        assert [name for name in answer.headers.get_list("set-cookie") if not name.startswith("language=")] == []


# Paths

ESCAPES = [
    "../leaflets/library.yaml", "..%2fleaflets%2flibrary.yaml", "%2e%2e/leaflets/library.yaml", "....//leaflets/library.yaml",
    "/etc/passwd", "%2fetc%2fpasswd", "north/../../leaflets/library.yaml", "manifest.json", ".pdfkit/lock", "north%00/first.da.a4.pdf",
    "north\\first.da.a4.pdf", "~/first.da.a4.pdf", "north/first.da.a4.pdf%00.png", "north/", "",
]  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("address", ["/nowhere/", "/pdf/", "/north/pdf/", "/north/picture/", "/north/ready/", "/static/", "/fonts/", "/brand/", "/leaflet/", "/north/leaflet/", "/keeper/differences/", "/keeper/picture/0/after/"])  # fmt: skip
def test_no_path_leads_out(desk: TestClient, address: str, path: str) -> None:
    answer = desk.get(address + path)
    assert answer.status_code in (303, 404), answer.status_code
    assert "name: Tiny" not in answer.text
    assert "root:" not in answer.text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A desk whose library has not been built. Nothing is asked of it that would."""
    from tests.helpers.tiny_library import tiny

    root = tiny(tmp_path_factory.mktemp("paths")).root
    (root.parent / "dist/.pdfkit").mkdir(parents=True)
    (root.parent / "dist/manifest.json").write_text('{"schema": 2, "files": {}, "inputs": {}, "pending": {}}')
    with opened(root, root.parent / "dist") as client:
        return at(client)


# Letters


def posted(
    client: TestClient, letter: bytes, name: str = "letter.pdf", leaflet: str = PATH, **more: str
) -> tuple[int, str]:
    answer = at(client).post(
        "/north/pack", headers={**OWN, "accept": "application/json"}, data={"leaflet": leaflet, **more},
        files={"letter": (name, letter, "application/pdf")},
    )  # fmt: skip
    words = answer.json()["message"] if "json" in answer.headers["content-type"] else answer.headers.get("x-pack", "")
    return answer.status_code, words


def one_page() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(kind: bytes) -> bytes:
    """Return a stream of some kilobytes that inflates to 3 GB, three times deflated."""
    data = zlib.compress(bytes(1 << 24), 9)
    for _ in range(2):
        data = zlib.compress(data * 14, 9)
    filters = b"/Filter[/FlateDecode/FlateDecode/FlateDecode]"
    return b"<<%s%s/Length %d>>stream\n%s\nendstream" % (kind, filters, len(data), data)


def page_bomb() -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>"
    return document([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, bomb(b"")])


def reference_bomb() -> bytes:
    """The table of its objects is the bomb: nobody can open it without."""
    head = b"%PDF-1.7\n"
    return head + b"1 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (bomb(b"/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R"), len(head))  # fmt: skip


def document(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        out + head + table + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    )


def page_loop() -> bytes:
    return document([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])


def many_pages() -> bytes:
    """Says that it has a thousand million pages."""
    kids = b" ".join(b"3 0 R" for _ in range(20000))
    node = b"<</Type/Pages/Kids[%s]/Count 1000000000>>" % kids
    return document([b"<</Type/Catalog/Pages 2 0 R>>", node, node.replace(b"3 0 R", b"4 0 R"), b"<</Type/Page/MediaBox[0 0 9 9]>>"])  # fmt: skip


@pytest.fixture
def built(library: TinyLibrary, out: Path) -> TinyLibrary:
    from pdfkit_cli.build.pipeline import BuildRequest, build

    assert build(BuildRequest(library.root, out, jobs=1)).clean
    return library


@pytest.mark.usefixtures("worker_processes")
def test_letters_that_are_bombs_are_one_clear_message(
    built: TinyLibrary, out: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pack_views, "PACK_SECONDS", 3.0)
    with opened(built.root, out) as client:
        for letter in (
            page_bomb(),
            reference_bomb(),
            page_loop(),
            many_pages(),
            b"",
            b"PK\3\4 a zip",
            b"%PDF-1.7\n" + b"(" * 200000,
        ):
            status, words = posted(client, letter)
            assert status in (400, 503) or (status, letter[:4]) == (200, b"%PDF"), (status, words)
            assert words
            assert "Traceback" not in words
            assert "/tmp" not in words
        assert client.get("/clinic").status_code == 200, "the desk is still there"
    assert capfd.readouterr() == ("", ""), "what is wrong with a letter is for the one who sent it alone"


def test_a_letter_that_is_too_large(library: TinyLibrary, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MAX_UPLOAD_BYTES", 100_000)
    with opened(library.root, out) as client:
        assert posted(client, b"%PDF-1.7 " + bytes(200_000))[0] == 413

        def drip() -> Iterator[bytes]:
            for _ in range(20):
                yield bytes(10_000)

        headers = {**OWN, "content-type": "multipart/form-data; boundary=x", "content-length": "5"}
        lying = at(client).post("/north/pack", headers=headers, content=drip())
        assert lying.status_code in (400, 413), "whatever it says of its length"


def test_the_name_of_a_letter_is_nowhere(
    built: TinyLibrary, out: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    name = 'Anna Andersen 010203-4444.pdf\r\nset-cookie: a=b"; x=../../x'
    caplog.set_level(logging.DEBUG)
    with opened(built.root, out) as client:
        answer = at(client).post(
            "/north/pack", headers=OWN, data={"leaflet": PATH}, files={"letter": (name, one_page(), "application/pdf")}
        )
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
        assert "Andersen" not in str(answer.headers)
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert b"Andersen" not in answer.content
    printed = capfd.readouterr()
    logged = [record.getMessage() for record in caplog.records if record.name.startswith(("pdfkit", "uvicorn", "pypdf"))]  # fmt: skip
    assert "Andersen" not in "".join((*logged, printed.out, printed.err))
    assert not [path for path in out.rglob("*") if "Andersen" in path.name]


def test_a_pack_has_leaflets_of_this_clinic_only(built: TinyLibrary, out: Path) -> None:
    with opened(built.root, out) as client:
        for leaflet in ("south/first.da.a4.pdf", "../leaflets/library.yaml", "/etc/passwd", "manifest.json"):
            status, words = posted(client, one_page(), leaflet=leaflet)
            assert status in (400, 404)
            assert "name: Tiny" not in words


# File names and headers


def test_a_title_cannot_break_a_header(built: TinyLibrary, out: Path) -> None:
    built.replace("content/first/da.md", "title: En titel", "title: 'Å \"quoted\"; filename=x.exe / y'")
    with opened(built.root, out) as client:
        answer = at(client).get(f"/north/pdf/{FILE}", params={"save": ""})
        assert answer.status_code == 200
        disposition = answer.headers["content-disposition"]
        assert disposition.startswith("attachment; filename*=utf-8''")
        assert not re.search(r"[\r\n\"]|exe;|; filename=x", disposition)


# A token


def signed_in(client: TestClient) -> TestClient:
    answer = client.post("/sign-in", headers=OWN, data={"token": TOKEN})
    assert answer.status_code == 303
    return client


def test_without_the_token_nothing_is_shown(library: TinyLibrary, out: Path) -> None:
    with opened(library.root, out, token=TOKEN) as client:
        for address in ADDRESSES:
            if address.startswith(("/sign-in", "/static/", "/fonts/", "/health")):
                continue
            answer = client.get(address)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), address
            assert "Klinik" not in answer.text
        for wrong in ({security.SESSION_COOKIE: TOKEN}, {security.SESSION_COOKIE: ""}, {security.SESSION_COOKIE: "é"}):
            client.cookies.clear()
            for name, value in wrong.items():
                assert client.get("/clinic", headers={"cookie": f"{name}={value}".encode()}).status_code == 303
        assert client.get(f"/clinic?token={TOKEN}").status_code == 303, "an address ends up in histories and logs"


def test_the_token_is_in_no_answer_and_no_log(
    library: TinyLibrary, out: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pdfkit_cli.desk.sessions.GUESS_SECONDS", 0.0)
    caplog.set_level(logging.DEBUG)
    with opened(library.root, out, token=TOKEN) as client:
        wrong = client.post("/sign-in", headers=OWN, data={"token": "wrong-wrong-wrong"})
        assert (wrong.status_code, "wrong-wrong" in wrong.text) == (403, False)
        answer = client.post("/sign-in", headers=OWN, data={"token": TOKEN})
        cookie = answer.headers["set-cookie"]
        assert TOKEN not in cookie
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert client.get("/clinic").status_code == 200
        assert TOKEN not in client.get("/clinic").text
    assert TOKEN not in caplog.text.replace("sign-in", "")


# Faults of ours


def test_a_fault_of_ours_tells_nothing(library: TinyLibrary, out: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    def broken(*arguments: object) -> None:
        raise ValueError("Anna Andersen 010203-4444")

    monkeypatch.setattr(pack_views, "make_desk_pack", broken)
    monkeypatch.setattr("pdfkit_cli.desk.on_demand_build.current_entries", _nothing)
    with opened(library.root, out) as client:
        status, words = posted(client, one_page())
    assert status == 500
    assert "Andersen" not in words
    assert "Andersen" not in caplog.text
    assert "ValueError" in caplog.text


async def _nothing(*arguments: object) -> list[object]:
    return []
