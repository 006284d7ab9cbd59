"""Transactions: a deed and its audit entry are committed together, or neither is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlcipher3

from softphone.domain.audit import AuditDraft
from softphone.domain.errors import Damaged, StorageFailed
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
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlcipher3.OperationalError as error:
            self._roll_back()
            raise StorageFailed(
                "The vault could not be written.",
                "The disk is full, read-only or busy.",
                "Make room and try again.",
            ) from error
        except sqlcipher3.DatabaseError as error:
            self._roll_back()
            if isinstance(error, sqlcipher3.IntegrityError | sqlcipher3.ProgrammingError):
                raise
            raise Damaged("The vault cannot be read.", "The file is damaged.") from error
        except BaseException:
            self._roll_back()
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

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
