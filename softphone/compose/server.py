"""The reference sync server."""

from __future__ import annotations

import argparse
import sys

from softphone.server import run as server_run


def server(arguments: argparse.Namespace) -> int:
    """Run a part of the reference sync server."""
    if arguments.part == "init":
        server_run.init(arguments.data)
        return 0
    if arguments.part == "token":
        sys.stdout.write(server_run.issue_token(arguments.data) + "\n")
        return 0
    if arguments.part == "client":
        token = server_run.add_client(arguments.data, arguments.name, arguments.role, arguments.key)
        sys.stdout.write(token + "\n")
        return 0
    server_run.serve(
        arguments.data, arguments.host, arguments.port, arguments.certificate, arguments.key
    )
    return 0
