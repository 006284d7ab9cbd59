"""The reference sync server."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta

from softphone.server import run as server_run
from softphone.server.relay import RelayLimits
from softphone.server.serving import Limits


def server(arguments: argparse.Namespace) -> int:
    """Run a part of the reference sync server."""
    if arguments.part == "init":
        witness = server_run.init(arguments.data, arguments.database)
        sys.stdout.write(f"{witness}\n")
        return 0
    if arguments.part == "token":
        sys.stdout.write(server_run.issue_token(arguments.data) + "\n")
        return 0
    if arguments.part == "client":
        token = server_run.add_client(arguments.data, arguments.name, arguments.role, arguments.key)
        sys.stdout.write(token + "\n")
        return 0
    if arguments.part == "keys":
        witness, policy = server_run.keys(arguments.data, arguments.policy)
        answer = {"witness": witness, "policy": policy}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
        return 0
    if arguments.part == "retire":
        server_run.retire(arguments.data, arguments.device)
        return 0
    server_run.serve(
        arguments.data,
        arguments.host,
        arguments.port,
        arguments.certificate,
        arguments.key,
        Limits(
            timedelta(hours=arguments.silent_hours),
            timedelta(days=arguments.away_days),
            RelayLimits(arguments.package_mb << 20, arguments.waiting_mb << 20),
        ),
    )
    return 0
