"""Reads CSV and its kin the way `pandas.read_csv` does, as far as types, gaps and ranges go."""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from mlsense.datafiles.profiles import Table, as_dates, as_type, column_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedIOBase

    from mlsense.datafiles.reading import Reading

# What is read of a file at most: half a second's work.
MAX_BYTES = 4_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 500


def profile(stream: BufferedIOBase, reading: Reading) -> Table | None:
    """What the first bytes of a file show; None where pandas would fail, or read something else."""
    raw = stream.read(MAX_BYTES + 1)
    whole = len(raw) <= MAX_BYTES
    if not whole:
        raw = raw[: raw.rfind(b"\n") + 1]
    encoding = reading.encoding.lower().replace("_", "-")
    try:
        text = raw.decode("utf-8-sig" if encoding in ("utf-8", "utf8") else encoding)
        records, ended = _records(text, reading, whole)
    except (UnicodeError, LookupError, csv.Error):
        return None
    return _table(records, reading, ended)


def _records(text: str, reading: Reading, whole: bool) -> tuple[list[list[str]], bool]:
    """The lines that are not empty, divided; and whether the program asks for no more of them."""
    if reading.separator == " " and '"' in text:
        raise csv.Error("white space inside of quotes")
    lines: Iterable[str] = _lines(text)
    if reading.skiprows:
        if any('"' in line for line in islice(_lines(text), max(reading.skiprows) + 1)):
            raise csv.Error("lines are counted differently inside of quotes")
        lines = (line for number, line in enumerate(lines) if number not in reading.skiprows)
    found: Iterator[list[str]] = (
        map(str.split, iter(lines))
        if reading.separator == " "
        else csv.reader(lines, delimiter=reading.separator, skipinitialspace=reading.stripped)
    )
    filled = (record for record in found if record and not (len(record) == 1 and record[0].isspace()))
    above = 0 if reading.header is None else reading.header + 1
    wanted = MAX_ROWS if reading.nrows is None else min(reading.nrows, MAX_ROWS)
    records = list(islice(filled, above + wanted))
    more = next(filled, None) is not None
    if not whole and not more and records:
        # The end of what was read may be in the middle of a record.
        records.pop()
    asked = reading.nrows is not None and len(records) == above + reading.nrows
    return records, asked or (whole and not more)


def _lines(text: str) -> Iterator[str]:
    """With their ends, which may be any."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _table(records: list[list[str]], reading: Reading, whole: bool) -> Table | None:
    header = reading.header
    if header is not None and len(records) <= header:
        return None
    head = records[header] if header is not None else []
    records = records[header + 1 :] if header is not None else records
    if reading.dtypes and len(set(head)) < len(head):
        return None
    names = list(reading.names) or (_named(head) if header is not None else [])
    fields = len(records[0]) if records else len(names)
    if any(len(record) > fields for record in records):
        # Each line may be as wide as the one with the names, and no wider than the first below.
        if any(len(record) > max(fields, len(head)) for record in records):
            return None
        fields = max(fields, len(head))
    named = bool(names)
    if not named:
        names = [str(number) for number in range(fields)]
    before = max(0, fields - len(names))
    if before and (reading.usecols is not None or reading.index):
        return None
    if before and not reading.no_index:
        names = [f"index {number}" for number in range(before)] + names
    fields = max(fields, len(names))
    if not 0 < fields <= MAX_COLUMNS or len(set(names)) < len(names):
        return None
    short = [record for record in records if len(record) < fields]
    for record in short:
        record.extend([""] * (fields - len(record)))
    cells = list(zip(*records, strict=False)) or [()] * fields
    kept = _kept(names, reading)
    if kept is None:
        return None
    shown = kept if reading.no_index or reading.index else kept[before:]
    columns = [column_profile(names[place], cells[place], reading) for place in shown]
    types = dict(reading.dtypes)
    for number, place in enumerate(shown):
        name = names[place]
        given = types.get(name, types.get(""))
        if given is not None:
            columns[number] = as_type(columns[number], given)
        if name in reading.dates or kept.index(place) in reading.dates:
            columns[number] = as_dates(columns[number])
    return Table(tuple(columns), len(records), whole, named)


def _named(head: list[str]) -> list[str]:
    """Names as pandas makes them: each once, and none empty."""
    names = [text or f"Unnamed: {place}" for place, text in enumerate(head)]
    seen: dict[str, int] = {}
    for place, name in enumerate(names):
        count = seen.get(name, 0)
        while count and f"{name}.{count}" in names:
            count += 1
        seen[name] = count + 1
        if count:
            names[place] = f"{name}.{count}"
    return names


def _kept(names: list[str], reading: Reading) -> list[int] | None:
    """The places of the columns that stay columns; None where one that is asked for is not there."""
    places = list(range(len(names)))
    if reading.usecols is not None:
        wanted = [_place(key, names) for key in reading.usecols]
        if None in wanted:
            return None
        places = [place for place in places if place in wanted]
    used = [names[place] for place in places]
    index = [_place(key, used) for key in reading.index]
    if None in index:
        return None
    return [place for at, place in enumerate(places) if at not in index]


def _place(key: str | int, names: list[str]) -> int | None:
    if isinstance(key, int):
        return key if 0 <= key < len(names) else None
    return names.index(key) if key in names else None
