"""Transactions: a deed and its audit entry are committed together, or neither is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import StorageFailed
from softphone.vault.audit_log import AuditLog
from softphone.vault.database import Connection


class Deeds:
    """Opens transactions on the vault's one connection. Not reentrant."""

    def __init__(self, connection: Connection, log: AuditLog) -> None:
        self.connection = connection
        self.log = log

    @contextmanager
    def deed(self, draft: AuditDraft) -> Iterator[Connection]:
        """Run a deed and log it. Raises StorageFailed, Damaged; then nothing has happened."""
        with self.transaction() as connection:
            yield connection
            self.log.append(draft)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Run steps together without an entry of their own. Raises StorageFailed, Damaged."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # SQLite may have rolled back by itself (disk full); then there is nothing to undo.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def truncate_wal(self) -> None:
        """Empty the write-ahead log. Raises StorageFailed while somebody still reads."""
        busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StorageFailed(
                "The erasure is not finished.",
                "Another reader still uses the vault.",
                "It goes on at the next sign-in.",
            )
