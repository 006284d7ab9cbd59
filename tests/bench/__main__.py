"""``python -m tests.bench --only name,...``: run benchmarks, write ``build/bench.json``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.adapters import adapter_loop_ms
from tests.bench.audit import audit_append_us, audit_verify_1m_s
from tests.bench.call_cpu import cpu_plain_call_pct, cpu_recorded_call_pct
from tests.bench.calls import invite_to_180_ms, tick_p99_ms
from tests.bench.contacts import contacts_100k_ms, export_100k_s, import_100k_s
from tests.bench.many_calls import (
    calls_per_engine,
    cpu_4_recorded_calls_pct,
    cpu_8_recorded_calls_pct,
)
from tests.bench.memory import idle_pss_mb
from tests.bench.net import invite_to_200_ms, net_recovery_s
from tests.bench.privacy import erase_1m_s, inventory_1m_ms
from tests.bench.reading import open_mb_s, seek_10h_ms
from tests.bench.recordings import recordings_200k_ms
from tests.bench.rewrap import rewrap_10k_s
from tests.bench.scroll import audit_scroll_1m_ms
from tests.bench.seal import seal_mb_s
from tests.bench.server import server_rows_s
from tests.bench.signing_in import sign_in_ms
from tests.bench.soak import flood_loss_pct, soak_500_growth_mb
from tests.bench.sound import lag_steps, mouth_to_ear_ms, unplug_to_sound_ms
from tests.bench.starting import start_to_registered_s, start_to_window_s
from tests.bench.sync import catch_up_100k_s, proof_bytes
from tests.bench.vault import search_1m_ms, vault_open_1m_ms
from tests.integration import own_pjsip

ALL: tuple[Callable[[], Any], ...] = (
    cpu_plain_call_pct,
    cpu_recorded_call_pct,
    cpu_4_recorded_calls_pct,
    *((cpu_8_recorded_calls_pct,) if own_pjsip.wheel() else ()),
    calls_per_engine,
    mouth_to_ear_ms,
    adapter_loop_ms,
    lag_steps,
    unplug_to_sound_ms,
    tick_p99_ms,
    invite_to_180_ms,
    invite_to_200_ms,
    start_to_window_s,
    start_to_registered_s,
    net_recovery_s,
    idle_pss_mb,
    seal_mb_s,
    open_mb_s,
    seek_10h_ms,
    sign_in_ms,
    vault_open_1m_ms,
    search_1m_ms,
    recordings_200k_ms,
    inventory_1m_ms,
    erase_1m_s,
    rewrap_10k_s,
    export_100k_s,
    import_100k_s,
    contacts_100k_ms,
    audit_append_us,
    audit_verify_1m_s,
    audit_scroll_1m_ms,
    server_rows_s,
    soak_500_growth_mb,
    flood_loss_pct,
    catch_up_100k_s,
    proof_bytes,
)


def main() -> int:
    """Run what was asked for; keeps the lines of benchmarks that were not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    wanted = {name for name in parser.parse_args().only.split(",") if name}
    known = {bench.__name__: bench for bench in ALL}
    if wanted - set(known):
        Console().print("no such benchmark:", *sorted(wanted - set(known)))
        return 2
    path = Path("build/bench.json")
    path.parent.mkdir(exist_ok=True)
    before = {r["name"]: r for r in json.loads(path.read_text())} if path.exists() else {}
    console = Console()
    for name, bench in known.items():
        if wanted and name not in wanted:
            continue
        console.print(f"{name} …")
        result = bench()
        line = result if isinstance(result, dict) else result.line()
        before[name] = {**line, "load": round(os.getloadavg()[0], 2)}
        path.write_text(json.dumps([before[n] for n in known if n in before], indent=2) + "\n")
    table = Table("name", "value", "unit", "peer", "peer value", "ratio", "better", "note")
    for line in (before[n] for n in known if n in before):
        table.add_row(
            *(str(line[k]) for k in (
                "name", "value", "unit", "peer", "peer_value", "ratio", "better", "note"
            ))
        )  # fmt: skip
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
