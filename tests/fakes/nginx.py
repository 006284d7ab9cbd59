"""An nginx of the test's own: TLS in front of servers on loopback."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.ports import free_port

_CONFIG = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 8m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream softphone {{ {servers} }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location /v1/ {{ proxy_pass http://softphone; }}
    location /health/ {{ proxy_pass http://softphone; }}
  }}
}}
"""


@contextmanager
def nginx(certificate: Path, key: Path, ports: list[int]) -> Iterator[int]:
    """Run a proxy before these ports; yields its own."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{one};" for one in ports)
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(folder=folder, servers=servers, port=port, certificate=certificate, key=key)
    )
    process = subprocess.Popen([program, "-p", folder, "-c", config], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)
