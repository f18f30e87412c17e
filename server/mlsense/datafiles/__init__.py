"""What a data file holds, as far as its text says: columns, types, gaps, ranges. It knows nothing of programs."""

from mlsense.datafiles.delimited import profile
from mlsense.datafiles.profiles import ColumnProfile, Table, column_profile
from mlsense.datafiles.reading import Reading
from mlsense.datafiles.store import Store, readable

__all__ = ["ColumnProfile", "Reading", "Store", "Table", "column_profile", "profile", "readable"]
