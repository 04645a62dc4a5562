"""What is read of a row of a table: its headline and its text as one, or the reason why there is nothing to read.

One rule, wherever tables are read (frames, files, the index, the report): the text decides. A row without one is not read, whatever its
headline says, since a headline scored in the place of an article would be a number about something else. Where a table has no texts but
headlines, these are its texts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from escalate.model import is_missing

__all__ = ["NoText", "article_of", "fault_of", "in_words", "to_send"]


class NoText(NamedTuple):
    """A cell that is no text, as it is sent to a worker: what it holds need not be able to travel.

    Attributes
    ----------
    kind : str
        The type of what it holds.
    """

    kind: str


def article_of(text: str, title: Any = None) -> str:
    r"""Return what is scored of a row that :func:`fault_of` finds no fault with.

    Parameters
    ----------
    text : str
    title : str, optional
        A missing or blank one is no title.

    Returns
    -------
    str
        Headline and text with a blank line between them.

    Examples
    --------
    >>> article_of("The port was shelled.", "Shells on Halden")
    'Shells on Halden\n\nThe port was shelled.'
    """
    return f"{title}\n\n{text}" if isinstance(title, str) and not _is_blank(title) else text


def fault_of(text: Any, title: Any = None) -> str:
    """Return why a row cannot be read, in the words of the column `status`.

    Parameters
    ----------
    text, title : object
        Whatever the table holds.

    Returns
    -------
    str
        ``"missing"``, ``"empty"``, ``"not text: <type>"`` or ``"not text: <type> in the title"``; nothing for a row that can be read.

    Examples
    --------
    >>> fault_of(None, "Shells on Halden"), fault_of("The port was shelled.", float("nan"))
    ('missing', '')
    """
    if not isinstance(text, str):
        return "missing" if is_missing(text) else f"not text: {_kind(text)}"
    if _is_blank(text):
        return "empty"
    if title is not None and not isinstance(title, str) and not is_missing(title):
        return f"not text: {_kind(title)} in the title"
    return ""


def to_send(cell: Any) -> str | NoText | None:
    """Return what of a cell is sent to a worker, who finds the same fault with it.

    Parameters
    ----------
    cell : object
        A text or title, or whatever the table holds.

    Returns
    -------
    str, NoText or None

    Examples
    --------
    >>> to_send("The port was shelled."), to_send(float("nan")), to_send(lambda: 1)
    ('The port was shelled.', None, NoText(kind='function'))
    """
    if isinstance(cell, str):
        return str.__str__(cell)  # a type of one's own derived from str may be unknown to a worker
    return None if is_missing(cell) else NoText(_kind(cell))


def _kind(cell: Any) -> str:
    return cell.kind if isinstance(cell, NoText) else type(cell).__name__


def in_words(fault: str) -> str:
    """Return a fault as a list of rows tells it: that a text is missing or empty is the same to a reader.

    Parameters
    ----------
    fault : str
        What :func:`fault_of` found.

    Returns
    -------
    str

    Examples
    --------
    >>> in_words("empty"), in_words("not text: int")
    ('no text', 'not text: int')
    """
    return "no text" if fault in ("missing", "empty") else fault


def _is_blank(text: str) -> bool:
    return not text or text.isspace()
