"""The fence and the homes of conftest, tested like anything else."""

import os
import socket
import threading
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_a_connection_beyond_this_machine_is_refused_and_recorded(fence) -> None:
    with socket.socket() as outside, pytest.raises(ConnectionRefusedError, match="stay on this machine"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo("exchange.example", 443)
    with socket.socket(type=socket.SOCK_DGRAM) as datagram, pytest.raises(ConnectionRefusedError):
        datagram.sendto(b"x", ("192.0.2.1", 53))
    assert len(fence.attempts) == 3
    fence.attempts.clear()


def test_a_thread_is_fenced_too(fence) -> None:
    def reach() -> None:
        with socket.socket() as outside, pytest.raises(ConnectionRefusedError):
            outside.connect(("2001:db8::1", 80) if outside.family == socket.AF_INET6 else ("192.0.2.1", 80))

    thread = threading.Thread(target=reach)
    thread.start()
    thread.join()
    assert fence.attempts == ["socket.connect '192.0.2.1'"]
    fence.attempts.clear()


def test_loopback_is_free() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


def test_home_is_a_fresh_folder(home: Path) -> None:
    assert os.environ["BELAY_HOME"] == str(home)
    assert list(home.iterdir()) == []


def test_without_the_fixture_home_is_still_not_the_persons_own() -> None:
    folder = Path(os.environ["BELAY_HOME"])
    assert folder.is_dir()
    assert ROOT not in folder.parents


def test_shared_is_the_recorded_market(shared: Path) -> None:
    assert (shared / "data" / "MANIFEST.md").is_file()
