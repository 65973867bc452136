"""What every test gets: a home of its own, the shared data, and no way out to the network."""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Without a display Qt would abort the whole run; `make test` brings one (Xvfb), a bare pytest goes offscreen.
if sys.platform == "linux" and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# The first example of a compiled function pays for its compilation: no deadline. CI repeats its examples.
settings.register_profile("belay", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("belay"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "belay")


class OutsideConnection(ConnectionRefusedError):
    """A test tried to reach beyond this machine."""


class Fence:
    """Refuses and records what goes beyond loopback, in any thread (an audit hook stays for good)."""

    def __init__(self) -> None:
        self.is_open = False
        self.attempts: list[str] = []

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not event.startswith("socket.") or self.is_open:
            return
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            address = arguments[1]
            host = address[0] if isinstance(address, tuple) else None  # a Unix socket's address is a path
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = arguments[0]
        else:
            return
        if not is_loopback(host):
            self.attempts.append(f"{event} {host!r}")
            raise OutsideConnection(f"tests stay on this machine: {event} {host!r} (mark the test `real`?)")


def is_loopback(host: object) -> bool:
    """Whether a host, as sockets take it, is this machine; None and the empty name are (they mean "any")."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


FENCE = Fence()
sys.addaudithook(FENCE)


@pytest.fixture(autouse=True)
def fence(request: pytest.FixtureRequest) -> Iterator[Fence]:
    """Fails the test that tried to leave this machine, even where its code took the refusal in its stride."""
    FENCE.attempts.clear()
    FENCE.is_open = request.node.get_closest_marker("real") is not None
    yield FENCE
    FENCE.is_open = False
    if FENCE.attempts:
        pytest.fail(f"went beyond this machine: {', '.join(sorted(set(FENCE.attempts)))}", pytrace=False)


@pytest.fixture(autouse=True, scope="session")
def no_real_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, nor a program it starts, ever opens the person's own Belay folder."""
    before = os.environ.get("BELAY_HOME")
    os.environ["BELAY_HOME"] = str(tmp_path_factory.mktemp("belay-home"))
    yield
    if before is None:
        del os.environ["BELAY_HOME"]
    else:
        os.environ["BELAY_HOME"] = before


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is BELAY_HOME for this test."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("BELAY_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared` beside the project (recorded market data); without it the test is skipped."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(
            "needs the folder of recorded market data beside the project, which is not part of the repository"
        )
    return folder


@pytest.fixture(autouse=True)
def _nothing_shared() -> Iterator[None]:
    """What connections of one program share (limits, nonces, markets) ends with each test: ports are used again."""
    yield
    shares = sys.modules.get("actors.venues.exchange.shares")
    if shares is not None:
        shares.PROGRAM.clear()
