"""How long 10,000 headers take to be wrapped for new keys after a compromise."""

from __future__ import annotations

import time
from typing import Any

from softphone.app.keys import BATCH
from softphone.domain.audit import Action, AuditDraft, DataCategory
from tests.bench.result import Figure
from tests.bench.vault_fill import ADMIN, SUPERVISOR, fill_recordings, open_as, workstation

_HEADERS = 10_000


def rewrap_10k_s() -> dict[str, Any]:
    """Measure unwrapping, wrapping for two hybrid recipients, sealing and committing."""
    with workstation() as rig:
        vault = open_as(rig, SUPERVISOR)
        fill_recordings(vault, _HEADERS)
        vault.close()
        draft = AuditDraft(Action.KEYS_REPLACED, DataCategory.RIGHTS)
        admin = open_as(rig, ADMIN)
        admin.replace_group_keys(draft)
        admin.close()
        vault = open_as(rig, SUPERVISOR)
        began = time.perf_counter()
        done = 0
        while count := vault.rewrap_recordings(draft, BATCH):
            done += count
        took = time.perf_counter() - began
        vault.close()
    assert done == _HEADERS
    return Figure(
        "rewrap_10k_s", round(took, 2), "s", "", 0, "lower", 1,
        f"{_HEADERS} headers for two hybrid recipients, {BATCH} a transaction, one run",
    ).line()  # fmt: skip
