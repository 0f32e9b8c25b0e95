"""Transactions of the CRDT library: what they changed, and what goes wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from pycrdt import Doc, TransactionEvent

from crdt.errors import DocumentError
from crdt.frames import EMPTY_UPDATE


class Recording:
    """One transaction, and what it changed.

    The observer lives no longer than the transaction: a document that is observed is never
    collected.

    Raises:
        DocumentError: on leaving, if the library panicked; discard the document. After any
            exception what was done so far stays done: a transaction cannot be rolled back.

    Attributes:
        update: what changed, once it has ended.
    """

    __slots__ = ("_document", "_subscription", "_transaction", "update")

    def __init__(self, document: Doc[Any]) -> None:
        self.update = EMPTY_UPDATE
        self._document = document
        self._transaction = document.transaction()

    def __enter__(self) -> Self:
        self._subscription = self._document.observe(self._keep)
        self._transaction.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._transaction.__exit__(kind, error, traceback)
        except BaseException as raised:
            raise_if_panic(raised)
            raise
        finally:
            self._document.unobserve(self._subscription)
        raise_if_panic(error)

    def _keep(self, event: TransactionEvent) -> None:
        """Copy the update; an observer must not touch the document."""
        self.update = event.update


@contextmanager
def library_errors() -> Iterator[None]:
    """Whatever the library raises or panics with becomes :class:`DocumentError`."""
    try:
        yield
    except DocumentError:
        raise
    except Exception as error:
        raise DocumentError(f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        raise_if_panic(error)
        raise


def raise_if_panic(error: BaseException | None) -> None:
    """Panics of the library are no ``Exception``; they become :class:`DocumentError`."""
    if error is not None and type(error).__module__ == "pyo3_runtime":
        raise DocumentError(f"panic: {error}") from error
