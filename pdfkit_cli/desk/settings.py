"""What the desk is started with: from the command line, and from the environment where it is a secret."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdfkit_cli.errors import UsageError

TOKEN, USER_HEADER, PROXIES, HOSTS = (f"PDFKIT_DESK_{name}" for name in ("TOKEN", "USER_HEADER", "PROXIES", "HOSTS"))
"""The variables of the environment. A token on the command line could be read by everyone on the machine."""

SHORTEST_TOKEN = 16
"""Characters: 64 bits where they are random hexadecimal digits, which nobody guesses over a network."""

_HOW = (
    f"set {TOKEN} to a secret of at least {SHORTEST_TOKEN} characters, which each user types once; or put a reverse proxy before it that "
    f"signs users in, and set {USER_HEADER} to the header that it sends and {PROXIES} to its addresses (see docs/desk.md)"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the library and the PDFs are, where the desk listens, and who may use it."""

    library: Path = Path("leaflets")
    out: Path = Path("dist")
    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    user_header: str = ""
    proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """Addresses whose user header is believed."""

    hosts: frozenset[str] = field(default_factory=frozenset)
    """Names, besides its own address, that browsers may call it by."""

    @property
    def names(self) -> frozenset[str]:
        """Every name that a Host header may have, without the port."""
        own = {"127.0.0.1", "localhost", "::1"} if is_loopback(self.host) else {self.host}
        return frozenset(own | self.hosts)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def settings(library: Path, out: Path, host: str, port: int, environment: Mapping[str, str]) -> Settings:
    """Return the settings. Raises UsageError where others could reach the desk and nothing keeps them out."""
    token, header = environment.get(TOKEN, ""), environment.get(USER_HEADER, "").lower()
    if token and len(token) < SHORTEST_TOKEN:
        raise UsageError(f"{TOKEN} has fewer than {SHORTEST_TOKEN} characters", hint="make one: openssl rand -hex 16")
    if not (is_loopback(host) or token or header):
        raise UsageError(f"others can reach {host}, and nothing says who may use the desk", hint=_HOW)
    made = Settings(library, out, host, port, token, header, hosts=_names(environment.get(HOSTS, "")))
    proxies = _names(environment.get(PROXIES, ""))
    return Settings(library, out, host, port, token, header, proxies or made.proxies, made.hosts)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())
