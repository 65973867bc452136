"""A second start raises the first window, by a local socket named after the home; the lock is not here."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 300


def server_name(home: Path) -> str:
    """The same text for the same home, short enough for every system's sockets."""
    return "belay-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def raise_first(home: Path) -> bool:
    """Ask a running Belay of this home to show its window; False when none listens."""
    socket = QLocalSocket()
    socket.connectToServer(server_name(home))
    if not socket.waitForConnected(WAIT_MS):
        return False
    socket.write(b"show\n")
    socket.waitForBytesWritten(WAIT_MS)
    socket.disconnectFromServer()
    return True


class FirstWindow(QObject):
    """``asked`` fires when a second start connects.  Make it only after ``raise_first`` said False."""

    asked = Signal()

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        name = server_name(home)
        QLocalServer.removeServer(name)  # what a killed Belay left behind
        self._server.listen(name)

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.asked.emit()

    def close(self) -> None:
        self._server.close()
