"""Where the rows and cells of a matrix are in a text; the numbers themselves are read in `kernel_text`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from kernels.errors import shortened

#: Rows of cells; a cell is a text, or a list of texts when the matrix has channels.
CellTree = Sequence[Sequence[str | Sequence[str]]]

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("(?:[^\\S\n\t]|[\u200b\u2060\ufeff])+")
_TAB_RUN = re.compile("\t{66,}")  # more empty cells than any kernel has; shortened so that no pattern takes long
_BLANK_LINES = re.compile(r"\n[ \t\n]*\n")
_CONTINUED_LINE = re.compile(r"(?<=[^\s])[ \t]*\.\.\.[ \t]*\n")
_NUMPY_SCALAR = re.compile(r"(?:\b(?:np|numpy)\.)?\b(?:float|int|uint)[0-9]{1,3}\(([^()\[\]{}]*)\)")
_ASSIGNMENT = re.compile(r"\s*[A-Za-z_]\w*\s*=(?!=)")
_ARRAY_CALL = re.compile(
    r"\s*(?:[A-Za-z_]\w*\.)?(?:array|asarray|matrix|tensor)\s*\((?P<inside>.*)\)\s*;?\s*", re.DOTALL
)
_ARRAY_OPTION = re.compile(r",\s*(?:dtype|order|shape|device|requires_grad)\s*=[^=\[\]{}]*$")
_LEADING_DIVISOR = re.compile(
    r"\s*(?:1/([^\s\[\](){}*/]+)|\(\s*1\s*/\s*([^\s\[\](){}*/]+)\s*\))\s*\*?\s*(?=[\[({A-Za-z])"
)

# A separator is a comma with any blanks around it, one tab, or a run of spaces.
_SEPARATOR = re.compile(r"[ \t]*,[ \t]*|[ ]*\t[ ]*|[ ]+")
_SPACED_COMMA = re.compile(r",[ \t]+|[ \t]+,[ \t]*")
_TIGHT_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_CLOSING = {"[": "]", "(": ")", "{": "}"}
MAX_DEPTH = 3
#: Lines of a matrix with channels, as NumPy prints it; and a pair of brackets for each of its cells and rows.
_MOST_ROWS, _MOST_BRACKETS = 100_000, 8_000
_MOST_OPTIONS, _LONGEST_OPTION = 8, 200


class _Group(msgspec.Struct):
    """What stands between two brackets: texts and further groups, in order."""

    opening: str
    items: list[str | _Group] = msgspec.field(default_factory=list)

    @property
    def groups(self) -> list[_Group]:
        return [item for item in self.items if isinstance(item, _Group)]

    @property
    def depth(self) -> int:
        return 1 + max((group.depth for group in self.groups), default=-1)

    @property
    def text(self) -> str:
        return "".join(item for item in self.items if isinstance(item, str))


def layout(text: str) -> tuple[CellTree, list[str]]:
    """Find rows and cells, and the divisors before and after the matrix.

    Parameters
    ----------
    text : str
        Any of the notations of `Kernel.parse`, minus signs already plain hyphens.

    Returns
    -------
    cells : rows of cells, not yet checked for equal length
    divisors : the divisors as they are written, none to two

    Raises
    ------
    ValueError
        If brackets do not match, or the text can be read in two ways.
    """
    text = _TAB_RUN.sub("\t" * 65, _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text)))
    text = _CONTINUED_LINE.sub(" ", text)
    if "..." in text or "…" in text:
        raise ValueError("The text is shortened by “...”; paste the whole matrix.")
    text = _BLANK_LINES.sub("\n", _NUMPY_SCALAR.sub(r"\1", text))
    _check_amount(text)
    text = _without_assignment(text)
    text, divisors = _split_divisors(text)
    text, is_call = _unwrap_call(text)
    if not text.strip():
        raise ValueError("There are no numbers here; write rows such as “1 0 -1; 2 0 -2; 1 0 -1”.")
    return _rows_of_group(_bracket_tree(text), lines_are_rows=not is_call), divisors


def _check_amount(text: str) -> None:
    """Refuse what has many times more rows or brackets than a kernel before they are taken apart."""
    rows = text.count("\n") + text.count(";") + 1
    if rows > _MOST_ROWS:
        raise ValueError(f"The text has {rows:,} rows; no kernel has as many.")
    brackets = sum(text.count(bracket) for bracket in _CLOSING)
    if brackets > _MOST_BRACKETS:
        raise ValueError(f"The text has {brackets:,} pairs of brackets; no kernel has as many.")


def _without_assignment(text: str) -> str:
    match = _ASSIGNMENT.match(text)
    return text[match.end() :] if match else text


def _split_divisors(text: str) -> tuple[str, list[str]]:
    divisors = []
    before = _LEADING_DIVISOR.match(text)
    if before:
        divisors.append(before[1] or before[2])
        text = text[before.end() :]
    head, slash, tail = text.rpartition("/")
    tail = tail.strip().removesuffix(";").rstrip()
    stands_apart = bool(slash) and (head[-1:].isspace() or head[-1:] in ("]", ")", "}"))
    if stands_apart and not re.search(r"[\s\[\](){};,]", tail):
        divisors.append(tail)
        text = head
    return text, divisors


def _unwrap_call(text: str) -> tuple[str, bool]:
    """Take the matrix out of ``array([[...]], dtype=...)``."""
    match = _ARRAY_CALL.fullmatch(text)
    if not match:
        return text, False
    inside = match["inside"]
    for _ in range(_MOST_OPTIONS):
        option = _ARRAY_OPTION.search(inside, max(0, len(inside) - _LONGEST_OPTION))
        if option is None:
            break
        inside = inside[: option.start()]
    return inside.rstrip().removesuffix(","), True


def _bracket_tree(text: str) -> _Group:
    root = _Group("")
    open_groups = [root]
    start = 0
    for match in re.finditer(r"[\[\](){}]", text):
        bracket = match[0]
        open_groups[-1].items.append(text[start : match.start()])
        start = match.end()
        if bracket in _CLOSING:
            if len(open_groups) > MAX_DEPTH + 1:
                raise ValueError(f"The brackets are nested more than {MAX_DEPTH} deep; a kernel has rows and columns.")
            group = _Group(bracket)
            open_groups[-1].items.append(group)
            open_groups.append(group)
        elif _CLOSING.get(open_groups[-1].opening) == bracket:
            open_groups.pop()
        else:
            raise ValueError(f"The bracket “{bracket}” closes nothing; every bracket needs its partner.")
    if len(open_groups) > 1:
        raise ValueError(f"The bracket “{open_groups[-1].opening}” is not closed; every bracket needs its partner.")
    root.items.append(text[start:])
    return root


def _rows_of_group(group: _Group, *, lines_are_rows: bool) -> CellTree:
    if not group.groups:
        return _rows_of_text(group.text) if lines_are_rows else [_cells(group.text, 1)]
    _check_between(group)
    if group.opening == "" and len(group.groups) == 1:
        return _rows_of_group(group.groups[0], lines_are_rows=lines_are_rows)
    if group.depth == 1:
        if len(group.groups) == 1 and ";" in group.groups[0].text:
            return _rows_of_text(group.groups[0].text)
        return [_cells(row.text, number) for number, row in enumerate(group.groups, start=1)]
    if group.depth > 2:
        raise ValueError("The brackets are nested too deep; a kernel has rows, columns and at most channels.")
    return [_row_with_channels(row, number) for number, row in enumerate(group.groups, start=1)]


def _row_with_channels(row: _Group, number: int) -> list[list[str]]:
    if row.depth != 1:
        raise ValueError(f"Row {number} has no brackets around its cells, as other rows have; nest every row alike.")
    _check_between(row)
    return [_cells(cell.text, number) for cell in row.groups]


def _check_between(group: _Group) -> None:
    """Between and around inner brackets only separators may stand, one at a time."""
    texts: list[str] = [""]
    for item in group.items:
        if isinstance(item, str):
            texts[-1] += item
        else:
            texts.append("")
    for index, text in enumerate(texts):
        bare = text.strip()
        if bare not in ("", ",", ";") or (bare and index == 0):
            raise ValueError(
                f"“{shortened(bare)}” stands outside the brackets of the rows; put every number inside them."
            )


def _rows_of_text(text: str) -> list[list[str]]:
    lines = [line for line in text.split("\n") if line.strip()]
    pieces = [line.strip().removesuffix(";").split(";") for line in lines]
    if _both_separate_rows(pieces):
        raise ValueError(
            "Semicolons and line ends both separate single numbers here, so the rows are not clear; "
            "use spaces or commas between the cells of a row."
        )
    rows: list[list[str]] = []
    for line in pieces:
        for row in line:
            number = len(rows) + 1
            if not row.strip():
                raise ValueError(f"Row {number} is empty; write its numbers, or leave its separator out.")
            rows.append(_cells(row, number))
    return rows


def _both_separate_rows(pieces: list[list[str]]) -> bool:
    """Whether this looks like a European CSV file, with semicolons between cells."""
    counts = {len(line) for line in pieces}
    single = all(len(piece.split()) <= 1 for line in pieces for piece in line)
    return len(pieces) > 1 and counts != {1} and len(counts) == 1 and single


def _cells(row: str, number: int) -> list[str]:
    row = row.replace("\n", " ").strip(" \t")
    if row.endswith(",") and len(row) > 1:
        row = row[:-1].rstrip(" \t")  # a comma after the last cell, as Python allows it
    if not row:
        return []
    _refuse_decimal_commas(row, number)
    return _SEPARATOR.split(row)


def _refuse_decimal_commas(row: str, number: int) -> None:
    """“0,5 0,25” may be two cells or four: say so rather than guess."""
    if not _TIGHT_COMMA.search(row):
        return
    items = [item for item in _SPACED_COMMA.split(row) if item]
    by_blanks = [part for item in items for part in item.split()]
    only_commas = len(by_blanks) == len(items)
    tight = [part for part in by_blanks if _TIGHT_COMMA.search(part)]
    if only_commas and not (len(items) > 1 and all(len(_TIGHT_COMMA.findall(part)) == 1 for part in items)):
        return
    if tight:
        point = _TIGHT_COMMA.sub(".", tight[0], count=1)
        raise ValueError(
            f"Row {number}: “{shortened(tight[0])}” may be one decimal or two cells; write {shortened(point)} for a "
            "decimal, or separate all cells of the row alike."
        )
