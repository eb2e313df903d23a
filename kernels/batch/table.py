"""The report of a batch: a line about every file, as CSV or JSON, written while the rows come."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from kernels.batch.run import Row
from kernels.errors import quoted, shown
from kernels.files import check_file_name, check_working_folder

SUFFIXES = (".csv", ".json")
COLUMNS = ("source", "target", "status", "width", "height", "bits", "clipped", "seconds", "error")


def check_table(path: str) -> None:
    """Refuse a report that cannot be written before any work is done.

    Raises
    ------
    ValueError, OSError
    """
    check_file_name(path)
    check_working_folder(path)
    if Path(path).suffix.lower() not in SUFFIXES:
        raise ValueError(f"The report is {quoted(path)}, but its name must end in {' or '.join(SUFFIXES)}.")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{shown(path)} is a folder; give the name of a file for the report.")


class Table:
    """Writes rows to an open file; a `write` for `kernels.files.write_whole` fills one.

    Parameters
    ----------
    file : file
        Binary.
    suffix : str
        One of `SUFFIXES`.
    """

    def __init__(self, file: BinaryIO, suffix: str) -> None:
        self._file, self._is_json, self._count = file, suffix.lower() == ".json", 0
        self._error: OSError | None = None
        if not self._is_json:
            self._put_line(dict(zip(COLUMNS, COLUMNS, strict=True)))

    def add(self, row: Row) -> None:
        """Write a row; that there is no room for it is told at the end."""
        made = row.outcome
        cells: dict[str, Any] = {"source": row.source, "target": row.target, "status": row.status}
        for name in ("width", "height", "bits", "clipped"):
            cells[name] = None if made is None else getattr(made, name)
        cells |= {"seconds": round(row.seconds, 6), "error": row.error}
        if self._is_json:
            self._put(("[\n", ",\n")[self._count > 0] + json.dumps(cells))
        else:
            self._put_line(cells)
        self._count += 1

    def end(self) -> None:
        """Write what stands behind the rows.

        Raises
        ------
        OSError
            Now or earlier a row could not be written.
        """
        if self._is_json:
            self._put("\n]\n" if self._count else "[]\n")
        if self._error is not None:
            raise self._error

    def _put_line(self, cells: dict[str, Any]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([cells[name] for name in COLUMNS])
        self._put(line.getvalue())

    def _put(self, text: str) -> None:
        try:
            if self._error is None:
                self._file.write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._error = error
