"""The acts of the demo, in order."""

from __future__ import annotations

import json
import os
import selectors
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import capture, proof
from demo.customer import Customer, customer_account
from demo.peers.processes import PeerFailed, Process
from demo.report import Report
from demo.stage import ADMIN, AGENT, CUSTOMER, DOMAIN, NOTE, NUMBER, OFFICER, SUPERVISOR, Stage
from softphone.app.bus import Bus
from softphone.app.desk import open_desk
from softphone.app.ports import NewMember
from softphone.compose.office import SystemClock, vault_keeper
from softphone.domain.account import Account
from softphone.domain.call_policy import CallPolicy
from softphone.domain.ids import AccountId
from softphone.domain.workplace import WorkplaceRules
from softphone.engine.client import EngineClient
from softphone.engine.door import door_file
from softphone.export.documents import HtmlDocuments
from softphone.export.workbook import ExcelWorkbookWriter
from softphone.paths import Profile


def perform(stage: Stage, report: Report) -> None:
    """Play everything."""
    report.step(f"Display: {stage.start_display()}")
    registrar = stage.start_registrar()
    report.check("registrar_started", True, f"Registrar on loopback with TLS: {registrar}")
    token = stage.start_server()
    report.check("sync_server_started", True, f"Sync server: {stage.server_url}")
    set_up(stage, report, token)
    customer = register_customer(stage, report)
    recording = _call(stage, report, customer)
    _supervise(stage, report)
    proof.supervisor_acts(stage, report, recording)


def register_customer(stage: Stage, report: Report) -> Customer:
    """Let the customer's phone register."""
    customer = Customer(stage.folder / "customer", stage.customer_voice)
    stage.stack.callback(customer.close)
    account = customer_account(stage.registrar.server, DOMAIN, stage.authority.ca_file)
    tls = customer.register(account, stage.passwords["customer"])
    report.check("customer_registered", tls.startswith("TLS"), f"The customer registered, {tls}")
    return customer


def set_up(
    stage: Stage,
    report: Report,
    token: str,
    *,
    officer: bool = False,
    locks: bool = True,
    rules: CallPolicy | None = None,
) -> None:
    """The administrator sets up the workstation, two people, an account and the server.

    ``locks=False``: the window stays open though nobody touches anything for hours. ``rules``
    are the organisation's for calls.
    """
    profile = Profile(stage.profile).prepare()
    admin = NewMember(ADMIN, stage.passwords[ADMIN], "administrator", "north")
    vault, recovery_key = vault_keeper(profile).create(admin, "NORTH-03")
    report.check(
        "recovery_key_shown_once",
        recovery_key.startswith("AGE-SECRET-KEY"),
        "Vault created; the recovery key is an age identity, shown once",
    )
    desk = open_desk(
        vault,
        EngineClient(),
        ExcelWorkbookWriter(),
        Bus(),
        SystemClock(),
        documents=HtmlDocuments(),
    )
    people = [(AGENT, "agent"), (SUPERVISOR, "supervisor")]
    if officer:
        people.append((OFFICER, "data protection officer"))
    for name, role in people:
        desk.people.add_member(NewMember(name, stage.passwords[name], role, "north"))
    account = Account(
        AccountId("marta"),
        "marta",
        DOMAIN,
        stage.registrar.server,
        "Order desk",
        ca_file=str(stage.authority.ca_file),
    )
    desk.people.save_account(account, stage.passwords["sip"])
    if not locks:
        desk.workplace.change(WorkplaceRules(lock_after_min=0))
    if rules is not None:
        desk.call_rules.change(rules)
    vault.close()
    stage.cli(
        "enrol",
        "--profile",
        str(stage.profile),
        "--ca-file",
        str(stage.authority.ca_file),
        stage.server_url,
        token,
        said=f"{ADMIN}\n{stage.passwords[ADMIN]}\n",
    )
    report.check("workstation_set_up", True, "Agent and supervisor added, device enrolled")


def _call(stage: Stage, report: Report, customer: Customer) -> str:
    """The agent calls, the window is killed in mid-call, nothing changes; returns the recording."""
    window = stage.open_window(AGENT)
    state = until(stage, window, lambda s: s["user"] and registered(s), 60)
    report.check(
        "agent_registered_over_tls",
        state["registrations"][0]["tls"].startswith("TLS 1."),
        f"{AGENT} signed in and registered, {state['registrations'][0]['tls']}",
    )
    _add_contact(stage)
    wire = None
    if capture.possible():
        ports = [stage.registrar.port, stage.server_port]
        wire = capture.Capture(stage.folder, ports)
        stage.stack.callback(wire.stop)
    stage.command("dial", NUMBER)
    state = until(stage, window, lambda s: call_in(s, "established") and recording(s))
    call = state["calls"][-1]
    report.check("call_encrypted", call["encrypted"], f"Call established, SRTP, {call['codec']}")
    report.check(
        "recording_sealed_for_the_team",
        call["recording"] == "recording" and bool(call["sealed_for"]),
        f"Recording, sealed for {call['sealed_for']}",
    )
    customer.talked(3)
    stage.picture("1-agent-in-a-call")
    window = _kill_window(stage, report, customer, window, call["id"])
    customer.talked(6)
    stage.command("hangup")
    until(stage, window, lambda s: not call_in(s, "established"))
    known = listed(stage, window)
    whole = [r for r in known if r["id"] == call["recording_id"] and r["complete"]]
    report.check(
        "recording_taken_into_the_vault",
        len(whole) == 1,
        f"The recording is in the vault, {whole[0]['audio_ms'] if whole else 0} ms",
    )
    report.figure("audio_ms", whole[0]["audio_ms"] if whole else 0)
    refused = stage.command("listen", call["recording_id"])
    report.check(
        "agent_refused_listening",
        not refused["ok"] and refused.get("kind") == "Refused",
        f"The agent asks to listen: “{refused.get('what', '')}”",
    )
    stage.command("show", "history")
    stage.picture("2-agent-history")
    if wire is not None:
        proof.check_wire(stage, report, wire.stop())
    else:
        report.note("The wire was not captured: that needs root and tcpdump.")
    stage.command("quit")
    window.popen.wait(timeout=20)
    return str(call["recording_id"])


def _add_contact(stage: Stage) -> None:
    stage.command("add-contact", CUSTOMER, NUMBER, NOTE)


def _kill_window(
    stage: Stage, report: Report, customer: Customer, window: Process, call: str
) -> Process:
    """``kill -9`` of the window; the engine, the call and the recording go on."""
    engine = json.loads(door_file(Profile(stage.profile)).read_text())["pid"]
    window.kill()
    customer.talked(4)
    report.check(
        "call_survives_kill_9",
        alive(engine) and customer.last is not None and customer.last.live,
        "Four seconds after kill -9 of the window the two still talk",
    )
    window = stage.open_window(AGENT)
    state = until(stage, window, lambda s: s["user"] and call_in(s, "established"), 60)
    now = json.loads(door_file(Profile(stage.profile)).read_text())["pid"]
    same = state["calls"][-1]["id"] == call and now == engine
    report.check(
        "window_reattached",
        same and recording(state),
        "A new window found the same call, still recording",
    )
    return window


def _supervise(stage: Stage, report: Report) -> None:
    """The supervisor looks at recordings and audit log in the window."""
    window = stage.open_window(SUPERVISOR)
    until(stage, window, lambda s: s["user"] == SUPERVISOR, 60)
    answer = stage.command("recordings")
    report.check(
        "supervisor_may_listen",
        answer["ok"] and all(not r["refused"] for r in answer["recordings"]),
        "The supervisor sees the recording and may hear it",
    )
    for number, page in ((3, "recordings"), (4, "audit")):
        stage.command("show", page)
        _look(1.5)
        stage.picture(f"{number}-supervisor-{page}")
    stage.command("quit")
    window.popen.wait(timeout=20)


# --- waiting ------------------------------------------------------------------------------------


def until(
    stage: Stage, window: Process, fits: Callable[[dict[str, Any]], Any], within_s: float = 30
) -> dict[str, Any]:
    """Ask the running phone for its state until it fits. Raises PeerFailed."""
    deadline = time.monotonic() + within_s
    state: dict[str, Any] = {}
    while time.monotonic() < deadline:
        if not window.alive:
            raise PeerFailed(f"the window ended:\n{window.output()[-3000:]}")
        try:
            state = stage.command("state")
        except (PeerFailed, ValueError):
            _look(0.3)
            continue
        if fits(state):
            return state
        _look(0.2)
    raise PeerFailed(f"not reached; the state was {state}\n{window.output()[-2000:]}")


def listed(stage: Stage, window: Process) -> list[dict[str, Any]]:
    """Wait until a recording is in the vault and return all."""
    found: list[dict[str, Any]] = []

    def there(_: dict[str, Any]) -> bool:
        found[:] = stage.command("recordings")["recordings"]
        return bool(found)

    until(stage, window, there)
    return found


def registered(state: dict[str, Any]) -> bool:
    return any(r["state"] == "registered" for r in state["registrations"])


def call_in(state: dict[str, Any], wanted: str) -> bool:
    return any(c["state"] == wanted for c in state["calls"])


def recording(state: dict[str, Any]) -> bool:
    return any(c["recording"] == "recording" for c in state["calls"])


def alive(pid: int) -> bool:
    """Whether a process of ours exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}").exists() or os.name == "nt"


def _look(seconds: float) -> None:
    """Wait a moment where another process gives no event to wait for."""
    selectors.DefaultSelector().select(seconds)
