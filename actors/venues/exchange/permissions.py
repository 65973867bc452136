"""What the keys may do, asked of each venue in its own words; what cannot be read is said to be unverified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.ids import VenueName
from core.venue import KeyRights

UNVERIFIED = "could not verify"

Answer = Mapping[str, Any]


def endpoint(venue: VenueName) -> str | None:
    """The ccxt method that asks for the rights, None where the venue has none."""
    found = _VENUES.get(venue)
    return found[0] if found else None


def rights_from(venue: VenueName, answer: object) -> KeyRights:
    """The rights in a raw answer; unverified when it is not what the venue's documentation shows."""
    found = _VENUES.get(venue)
    if found is None or not isinstance(answer, Mapping):
        return unverified("the venue does not tell" if found is None else "the answer cannot be read")
    try:
        may_trade, may_withdraw, is_bound = found[1](answer)
    except (KeyError, IndexError, TypeError, AttributeError):
        return unverified("the answer cannot be read")
    return KeyRights(
        may_trade=may_trade, may_withdraw=may_withdraw, is_ip_bound=is_bound,
        detail=_sentence(may_trade, may_withdraw, is_bound),
    )  # fmt: skip


def unverified(why: str) -> KeyRights:
    """Rights that nobody could read."""
    return KeyRights(detail=f"{UNVERIFIED}: {why}")


Rights = tuple[bool | None, bool | None, bool | None]


def _binance(answer: Answer) -> Rights:
    # No right may be taken for absent because its name is missing.
    spot = _bool(answer["enableSpotAndMarginTrading"])
    withdraw, bound = _bool(answer["enableWithdrawals"]), _bool(answer.get("ipRestrict"))
    return spot, withdraw, bound


def _kraken(answer: Answer) -> Rights:
    result = answer["result"]
    permissions = [str(name).lower() for name in _list(result["permissions"])]
    bound = result.get("ipAllowlist")
    return (
        any(name.startswith(("modify", "create-order", "trade")) for name in permissions),
        any("withdraw" in name for name in permissions),
        bool(bound) if isinstance(bound, list) else None,
    )


def _bybit(answer: Answer) -> Rights:
    result = answer["result"]
    permissions, can_write = result["permissions"], str(result["readOnly"]) == "0"
    ips = [ip for ip in result.get("ips") or [] if ip != "*"]
    return (
        can_write and bool(permissions.get("Spot")),
        can_write and "Withdraw" in _list(permissions["Wallet"]),
        bool(ips),
    )


def _okx(answer: Answer) -> Rights:
    row = answer["data"][0]
    permissions = str(row["perm"]).split(",")
    return "trade" in permissions, "withdraw" in permissions, bool(row.get("ip")) if "ip" in row else None


def _kucoin(answer: Answer) -> Rights:
    row = answer["data"]
    permissions = [name.strip().lower() for name in str(row["permission"]).split(",")]
    bound = bool(row.get("ipWhitelist")) if "ipWhitelist" in row else None
    return (
        any(name in ("trade", "spot") for name in permissions),
        any(name.startswith(("withdraw", "transfer")) for name in permissions),
        bound,
    )


def _coinbase(answer: Answer) -> Rights:
    return _bool(answer["can_trade"]), _bool(answer["can_transfer"]), None


_VENUES: Mapping[str, tuple[str, Callable[[Answer], Rights]]] = {
    "binance": ("sapiGetAccountApiRestrictions", _binance),
    "kraken": ("privatePostGetApiKeyInfo", _kraken),
    "bybit": ("privateGetV5UserQueryApi", _bybit),
    "okx": ("privateGetAccountConfig", _okx),
    "kucoin": ("privateGetUserApiKey", _kucoin),
    "coinbase": ("v3PrivateGetBrokerageKeyPermissions", _coinbase),
}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _bool(value: Any) -> bool | None:
    if value in (True, "true", "True"):
        return True
    return False if value in (False, "false", "False") else None


def _sentence(may_trade: bool | None, may_withdraw: bool | None, is_bound: bool | None) -> str:
    words = {
        "trade": {True: "may trade", False: "may not trade", None: f"trading: {UNVERIFIED}"}[may_trade],
        "withdraw": {True: "may withdraw", False: "may not withdraw", None: f"withdrawing: {UNVERIFIED}"}[
            may_withdraw
        ],
        "bound": {
            True: "bound to an IP address",
            False: "not bound to an IP address",
            None: f"IP binding: {UNVERIFIED}",
        }[is_bound],
    }
    return "; ".join(words.values())
