"""``python -m tests.openapi``: write the server's contract to docs/openapi.json."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from softphone.server import run
from softphone.server.api import create_app
from softphone.server.witness import load_witness

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.json"


def contract() -> str:
    """Return the OpenAPI document of the application as it is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "server"
        run.init(folder)
        store = run.open_store(folder)
        try:
            document = create_app(store, load_witness(folder)).openapi()
        finally:
            store.close()
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(contract(), "utf-8")
