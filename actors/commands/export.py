"""``export``: records to a file; main thread."""

from __future__ import annotations

import argparse
from pathlib import Path

from actors.commands.context import Context
from core.errors import BadData
from core.figures import plural


def export(args: argparse.Namespace, context: Context) -> int:
    """Write one kind of record of the newest book; exit 1 with a sentence where there is nothing yet."""
    from actors.persistence.books import RecordBooks, latest_book

    out = Path(args.out).expanduser().absolute()
    book = latest_book(context.home)
    if book is None:
        raise BadData(f"There are no records in {context.home} yet; run the bot first.")
    rows = RecordBooks(context.home, book).export(args.what, args.format, out)
    context.emit({"event": "export", "what": args.what, "format": args.format, "out": str(out), "rows": rows})
    context.say(f"{plural(rows, 'row')} of {args.what} {'is' if rows == 1 else 'are'} in {out}.")
    return 0
