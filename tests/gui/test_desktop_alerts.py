"""Alerts on the desktop: from the alerts stage through the bridge to the tray, in the window's thread."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from actors.alerts.channels import Channel
from core.messages import AlertDue, AlertRaised, Severity
from core.modes import Mode
from gui.tray import LOUD, Tray
from tests.fakes import made
from tests.fakes.shown import Shown


class LoudTray(Tray):
    """A tray that writes down what it would show, and in which thread."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, Severity, str]] = []
        super().__init__()

    def say(self, title: str, words: str, severity: Severity = Severity.INFO) -> bool:
        self.said.append((title, words, severity, threading.current_thread().name))
        return True


def alert(severity: Severity, text: str = "The venue refuses the order.") -> AlertRaised:
    return AlertRaised(made.NOW, severity, "execution", text, Mode.PAPER)


def test_an_alert_from_another_thread_is_said_in_the_windows(qtbot, tmp_path: Path) -> None:
    tray = LoudTray()
    shown = Shown(qtbot, tmp_path, tray=tray)
    desktop = Channel("desktop", "error", lambda one: shown.bridge.publish(AlertDue(one)))
    for severity in Severity:
        sender = threading.Thread(target=desktop, args=(alert(severity),), name="alerts")
        sender.start()
        sender.join()
    qtbot.waitUntil(lambda: len(tray.said) == 2)
    title, words, severity, thread = tray.said[0]
    assert (title, words, severity) == ("Belay, paper: error", "The venue refuses the order.", Severity.ERROR)
    assert thread == threading.main_thread().name
    assert tray.said[1][2] is Severity.CRITICAL


def test_nothing_is_said_where_no_tray_is(qtbot) -> None:
    tray = Tray()
    tray.is_there = False
    assert not tray.say("Belay", "words", Severity.CRITICAL)
    tray.end()


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR, Severity.CRITICAL])
def test_what_is_loud_carries_a_sign(severity: Severity) -> None:
    assert LOUD[severity] is not QSystemTrayIcon.MessageIcon.NoIcon
    assert Severity.INFO not in LOUD
