"""How a table is read: the arguments of `pandas.read_csv` that decide what columns come out."""

from __future__ import annotations

from dataclasses import dataclass

# What pandas takes for a gap, unless it is told otherwise.
GAPS = frozenset(
    (
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """`read_csv` with these arguments.

    `separator` " " stands for any white space. `header` None: no line of names; `names` then are given, or numbers.
    `skiprows` are the numbers of lines left out, from 0. `index` are positions or names of the columns that become the
    index, `no_index` is `index_col=False`. `dtypes` are types by column, under "" that of all. `gaps` are further
    marks for a gap.
    """

    separator: str = ","
    header: int | None = 0
    names: tuple[str, ...] = ()
    usecols: tuple[str | int, ...] | None = None
    index: tuple[str | int, ...] = ()
    no_index: bool = False
    skiprows: frozenset[int] = frozenset()
    nrows: int | None = None
    gaps: frozenset[str] = frozenset()
    default_gaps: bool = True
    dates: tuple[str | int, ...] = ()
    dtypes: tuple[tuple[str, str], ...] = ()
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str = ""
    stripped: bool = False

    @property
    def marks(self) -> frozenset[str]:
        """All texts that are read as a gap."""
        return self.gaps | GAPS if self.default_gaps else self.gaps
