"""The settings of the desk, from the command line and, for secrets, from the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from pdfkit_cli.desk.sessions import MIN_TOKEN_LENGTH, token_weakness
from pdfkit_cli.errors import UsageError

TOKEN, TOKEN_FILE, USER_HEADER, ROLE_HEADER, ROLE_FILE, PROXIES, HOSTS, HTTPS = (
    f"PDFKIT_DESK_{name}"
    for name in ("TOKEN", "TOKEN_FILE", "USER_HEADER", "ROLE_HEADER", "ROLE_FILE", "PROXIES", "HOSTS", "HTTPS")
)
"""Environment variables. A token on the command line could be read by everyone on the machine."""

OPENSSL_HINT = "make one: openssl rand -hex 16"

TRUE_VALUES, FALSE_VALUES = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")

_TOKEN_HELP = (
    f"set {TOKEN} to a secret of at least {MIN_TOKEN_LENGTH} characters, which each user types once; or put a reverse proxy before it that "
    f"signs users in, and set {USER_HEADER} to the header that it sends and {PROXIES} to its addresses (see docs/desk.md)"
)


class DeskRole(StrEnum):
    """What a person who is signed in by name may do, beside using the desk. Nobody has a role by default."""

    REVIEWER = "reviewer"
    """Read a leaflet page by page, and remark on it."""

    APPROVER = "approver"
    """Also approve it."""

    KEEPER = "keeper"
    """Change the details of a clinic."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Where the library and the PDFs are, where the desk listens, and who may use it."""

    library: Path = Path("leaflets")
    out: Path = Path("dist")
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    user_header: str = ""
    role_header: str = ""
    """The header in which a reverse proxy sends the roles of the user, with commas."""

    roles: Mapping[DeskRole, frozenset[str]] = field(default_factory=dict)
    """Who has a role, by the names of the user header in small letters."""

    proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """Addresses whose headers are trusted."""

    hosts: frozenset[str] = field(default_factory=frozenset)
    """Host names, besides its own address, that browsers may use."""

    https: bool = False
    """Whether browsers use HTTPS, through a reverse proxy: then cookies are never sent without it."""

    @property
    def names(self) -> frozenset[str]:
        """All names that a Host header may contain, without the port."""
        own = {"127.0.0.1", "localhost", "::1"} if is_loopback(self.host) else {self.host}
        return frozenset(own | self.hosts)


def is_loopback(host: str) -> bool:
    """Return whether an address can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load_settings(library: Path, out: Path, host: str, port: int, environment: Mapping[str, str]) -> DeskSettings:
    """Return the settings. Raises UsageError if others could reach the desk without authentication."""
    token, header = _token(environment), environment.get(USER_HEADER, "").lower()
    if not (is_loopback(host) or token or header):
        raise UsageError(f"others can reach {host}, and nothing says who may use the desk", hint=_TOKEN_HELP)
    role_header, roles = environment.get(ROLE_HEADER, "").lower(), _roles(environment.get(ROLE_FILE, ""))
    if (role_header or roles) and not header:
        raise UsageError(
            f"{ROLE_HEADER if role_header else ROLE_FILE} is set, and nothing says who a user is",
            hint=f"put a reverse proxy before the desk that signs users in, and set {USER_HEADER} to the header with their names",
        )
    made = DeskSettings(
        library, out, host, port, token, header, role_header, roles,
        hosts=_names(environment.get(HOSTS, "")), https=_https(environment),
    )  # fmt: skip
    proxies = _names(environment.get(PROXIES, ""))
    return replace(made, proxies=proxies) if proxies else made


def _token(environment: Mapping[str, str]) -> str:
    """Return the token from the environment or a file. Raises UsageError if it is missing there or easy to guess."""
    token = environment.get(TOKEN, "").strip()
    if file := environment.get(TOKEN_FILE, ""):
        if token:
            raise UsageError(f"{TOKEN} and {TOKEN_FILE} are both set", hint="set one of them")
        try:
            token = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UsageError(
                f"{TOKEN_FILE}: {file}: cannot be read", hint="see that it is there, and who may read it"
            ) from None
        if not token:
            raise UsageError(f"{TOKEN_FILE}: {file}: is empty", hint=OPENSSL_HINT)
    if token and (why := token_weakness(token)):
        raise UsageError(f"{TOKEN_FILE if file else TOKEN} {why}", hint=OPENSSL_HINT)
    return token


def _roles(file: str) -> Mapping[DeskRole, frozenset[str]]:
    """Return who has each role, from a file with lines such as `approver: a.name, b.name`. Raises UsageError."""
    if not file:
        return {}
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"{ROLE_FILE}: {file}: cannot be read", hint="see that it is there, and who may read it"
        ) from None
    found: dict[DeskRole, frozenset[str]] = {}
    for number, line in enumerate(lines, 1):
        name, colon, users = line.partition("#")[0].partition(":")
        if not (name.strip() or colon):
            continue
        if not colon or name.strip() not in tuple(DeskRole):
            raise UsageError(
                f"{ROLE_FILE}: {file}:{number}: is not a role with its users",
                hint=f"write “{DeskRole.APPROVER}: name, name”; the roles are {', '.join(DeskRole)}",
            )
        role = DeskRole(name.strip())
        found[role] = found.get(role, frozenset()) | _names(users)
    return found


def _https(environment: Mapping[str, str]) -> bool:
    said = environment.get(HTTPS, "").strip().lower()
    if said not in (*TRUE_VALUES, *FALSE_VALUES):
        raise UsageError(
            f"{HTTPS} is “{said[:40]}”", hint="set it to yes where browsers reach the desk encrypted, else to no"
        )
    return said in TRUE_VALUES


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())
