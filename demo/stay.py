"""``make demo STAY=1``: the demo's workstation, kept open to be played with, until Ctrl+C.

``build/demo/stay.sh`` gives a shell three words: ``softphone`` works on the demo, ``ring`` lets the
customer call, ``sign_in NAME`` changes who sits at the workstation.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from demo import acts
from demo.customer import Customer
from demo.peers.processes import Process
from demo.report import Report
from demo.stage import ADMIN, AGENT, BUILD, DOMAIN, OFFICER, ROOT, SUPERVISOR, Stage

SHELL = """\
export SOFTPHONE_PROFILE={profile}
softphone() {{ {python} -m softphone "$@"; }}
ring() {{ echo ring > {pipe}; }}
said() {{ case "$(softphone state 2>&1)" in *"$1"*) true ;; *) false ;; esac; }}
state() {{ until said "$1"; do sleep 0.5; done; }}
sign_in() {{ echo "sign-in $1" > {pipe}; state "\\"user\\": \\"$1\\""; state '"registered"'; }}
cd {root}
"""


def stay(stage: Stage, report: Report) -> None:
    """Set everything up, say how to go on, and do what is asked until it is interrupted."""
    report.step(f"Display: {stage.start_display()}")
    stage.start_registrar()
    acts.set_up(stage, report, stage.start_server(), officer=True)
    customer = acts.register_customer(stage, report)
    window = stage.open_window(AGENT)
    acts.until(stage, window, lambda s: s["user"] and acts.registered(s), 60)
    pipe = BUILD / "stay.pipe"
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe, 0o600)
    stage.stack.callback(pipe.unlink, missing_ok=True)
    write_shell(stage, pipe)
    people = ", ".join(
        f"{name} ({stage.passwords[name]})" for name in (AGENT, SUPERVISOR, OFFICER, ADMIN)
    )
    report.console.print(f"People and their passwords: {people}")
    report.console.print("Ready. In another terminal: . build/demo/stay.sh   (Ctrl+C ends it)")
    sys.stdout.flush()
    while True:
        # Opening waits for somebody who writes; each line is one wish.
        with pipe.open(encoding="utf-8") as lines:
            for line in lines:
                window = obey(stage, customer, window, line.strip())


def obey(stage: Stage, customer: Customer, window: Process, wish: str) -> Process:
    """Do one thing that the shell asked for; returns the window that is open then."""
    word, _, rest = wish.partition(" ")
    if word == "ring":
        customer.call(f"marta@{DOMAIN}")
    if word == "sign-in" and rest in stage.passwords:
        stage.command("quit")
        window.popen.wait(timeout=20)
        return stage.open_window(rest)
    return window


def write_shell(stage: Stage, pipe: Path) -> None:
    """Write the words for a shell."""
    text = SHELL.format(
        profile=shlex.quote(str(stage.profile)),
        python=shlex.quote(sys.executable),
        pipe=shlex.quote(str(pipe)),
        root=shlex.quote(str(ROOT)),
    )
    (BUILD / "stay.sh").write_text(text, "utf-8")
