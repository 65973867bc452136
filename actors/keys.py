"""Keys of exchanges in the operating system's keyring and nowhere else; any thread, never beyond a deadline.

Only backends that the system itself protects are used: one that forgets (null), fails or writes plain files
is refused, because keyring would choose it without a word.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from actors.deadline import Broken, Late, within
from actors.venue_keys import VenueKeys, keys_from_json
from core.errors import BadData, BadSettings, Refused, TryAgain

SERVICE = "Belay"
INDEX = "venues"
DEADLINE_S = 5.0
SAFE_BACKENDS = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
_FAILED = "keyring.backends.fail."
_ABSENT = (
    "No keyring of the operating system answers here, so keys cannot be kept. Start a desktop session with "
    "GNOME Keyring or KWallet; paper trading needs no keys."
)
T = TypeVar("T")


class KeyStore:
    """The system's keyring; ``Refused`` where none is safe, ``TryAgain`` when it is locked."""

    def __init__(self, deadline_s: float = DEADLINE_S) -> None:
        self._deadline_s = deadline_s

    def backend(self) -> str:
        """The name of the safe backend in use."""
        return self._call(lambda: _class_name(_safe_backend()))

    def venues(self) -> tuple[str, ...]:
        """The venues whose keys are stored."""
        return self._call(lambda: _index(_safe_backend()))

    def get(self, venue: str) -> VenueKeys | None:
        """None where none are stored; ``BadData`` for an entry that somebody else has changed."""
        stored: str | None = self._call(lambda: _safe_backend().get_password(SERVICE, _entry(venue)))
        try:
            return keys_from_json(stored) if stored is not None else None
        except BadSettings:
            raise BadData(
                f"What the keyring holds for {venue} are no keys; store them again: python main.py keys set {venue}"
            ) from None

    def put(self, venue: str, keys: VenueKeys) -> None:
        """Store and read back: a keyring that forgets is found out here."""
        given = {"apiKey": keys.api_key, "secret": keys.secret, "password": keys.password}
        text = json.dumps({name: value for name, value in given.items() if value is not None})

        def store() -> bool:
            backend = _safe_backend()
            backend.set_password(SERVICE, _entry(venue), text)
            _write_index(backend, {*_index(backend), venue})
            return bool(backend.get_password(SERVICE, _entry(venue)) == text)

        if not self._call(store):
            raise Refused("The keyring took the keys and does not give them back; they are not stored.")

    def delete(self, venue: str) -> bool:
        """True where there were keys."""

        def remove() -> bool:
            backend = _safe_backend()
            is_there = backend.get_password(SERVICE, _entry(venue)) is not None
            if is_there:
                backend.delete_password(SERVICE, _entry(venue))
            _write_index(backend, set(_index(backend)) - {venue})
            return is_there

        return self._call(remove)

    def _call(self, call: Callable[[], T]) -> T:
        import keyring.errors

        errors = keyring.errors.KeyringError, RuntimeError, OSError, ValueError, Refused
        expected: tuple[type[Exception], ...] = (*errors, *_linux_errors())
        try:
            return within(self._deadline_s, call, expected)
        except Late:
            raise TryAgain(
                f"The keyring does not answer within {self._deadline_s:g} s; unlock it (a window may ask for "
                "its password) and try again."
            ) from None
        except keyring.errors.KeyringLocked:
            raise TryAgain(
                "The keyring is locked; unlock it by logging in to the desktop, then try again."
            ) from None
        except (keyring.errors.NoKeyringError, keyring.errors.InitError):
            raise Refused(_ABSENT) from None
        except Broken:
            raise TryAgain(
                "The keyring fails in an unknown way; restart the desktop session and try again."
            ) from None
        except Refused:
            raise
        except expected as error:
            raise TryAgain(f"The keyring fails ({type(error).__name__}); unlock it and try again.") from None


def _entry(venue: str) -> str:
    return f"venue:{venue}"


def _index(backend: Any) -> tuple[str, ...]:
    try:
        names = json.loads(backend.get_password(SERVICE, INDEX) or "[]")
    except ValueError:
        return ()
    return tuple(sorted(str(name) for name in names)) if isinstance(names, list) else ()


def _write_index(backend: Any, names: set[str]) -> None:
    backend.set_password(SERVICE, INDEX, json.dumps(sorted(names)))


def _class_name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _safe_backend() -> Any:
    """The backend that keyring chose, or the first safe one of several; ``Refused`` for any other."""
    import keyring
    import keyring.core

    chosen = keyring.get_keyring()
    if _class_name(chosen).startswith(_FAILED):  # it remembers that; the desktop may be up now
        keyring.core.init_backend()
        chosen = keyring.get_keyring()
    for backend in (chosen, *getattr(chosen, "backends", ())):
        if _class_name(backend) in SAFE_BACKENDS:
            return backend
    if _class_name(chosen).startswith(_FAILED):
        raise Refused(_ABSENT)
    raise Refused(
        f"The keyring here is {_class_name(chosen)}, which does not keep secrets safe; use the one of the "
        "operating system (unset PYTHON_KEYRING_BACKEND, remove keyringrc.cfg)."
    )


def _linux_errors() -> tuple[type[Exception], ...]:
    """What D-Bus and the Secret Service raise beside keyring's own errors; nothing elsewhere."""
    try:
        from jeepney.wrappers import DBusErrorResponse  # type: ignore[import-untyped]
        from secretstorage.exceptions import SecretStorageException
    except ImportError:
        return ()
    return (DBusErrorResponse, SecretStorageException)
