"""linphonec (Debian's linphone-cli) as a foreign peer: TLS, mandatory SRTP, its own console."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from demo.peers.processes import free_port, wait_for_text

CONFIG = """[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port={port}
root_ca={ca_file}
verify_server_certs=1
verify_server_cn=0
media_encryption=srtp
media_encryption_mandatory=1
use_ipv6=0
default_proxy=0
[net]
mtu=1300
[rtp]
audio_rtp_port={rtp}
[sound]
capture_dev_id=none
playback_dev_id=none
ringer_dev_id=none
[misc]
store_friends=0
[auth_info_0]
username={user}
passwd={password}
realm={domain}
domain={domain}
[proxy_0]
reg_proxy=<sip:{server};transport=tls>
reg_route=<sip:{server};transport=tls;lr>
reg_identity=sip:{user}@{domain}
reg_expires=300
reg_sendregister=1
publish=0
[audio_codec_0]
mime=G722
rate=8000
channels=1
enabled=1
"""


def installed() -> bool:
    return shutil.which("linphonec") is not None


class Linphone:
    """One linphonec with one account; ``say`` gives it a command of its console.

    It asks DNS for names and knows no IP addresses in certificates: so it gets the address, and
    checks the authority alone.
    """

    def __init__(
        self, folder: Path, *, user: str, password: str, domain: str, server: str, ca_file: Path
    ) -> None:
        (folder / ".local/share/linphone").mkdir(parents=True)
        self._folder = folder
        self._config = folder / "linphonerc"
        self._config.write_text(
            CONFIG.format(
                port=free_port(), rtp=free_port() & ~1, ca_file=ca_file, user=user,
                password=password, domain=domain,
                server=server.replace("localhost", "127.0.0.1"),
            )
        )  # fmt: skip
        self.log = folder / "core.log"
        self.log.touch()

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def output(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def say(self, command: str) -> None:
        assert self._popen.stdin is not None  # noqa: S101 - PIPE was asked for
        self._popen.stdin.write(f"{command}\n".encode())
        self._popen.stdin.flush()

    def until(self, text: str, within_s: float = 20.0) -> None:
        """Wait until its log says something (its console buffers). Raises PeerFailed."""
        wait_for_text(self, text, within_s)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        home = {"HOME": str(self._folder)}
        self._file = (self._folder / "console.log").open("wb")
        self._popen = subprocess.Popen(
            ["linphonec", "-c", str(self._config), "-d", "6", "-l", str(self.log)],
            stdin=subprocess.PIPE, stdout=self._file, stderr=subprocess.STDOUT,
            env={**os.environ, **home}, cwd=self._folder, start_new_session=True,
        )  # fmt: skip
        self.until("to [LinphoneRegistrationOk]")
        return self

    def __exit__(self, *_: object) -> None:
        self.say("quit")
        try:
            self._popen.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait(timeout=5)
        assert self._popen.stdin is not None  # noqa: S101 - PIPE was asked for
        self._popen.stdin.close()
        self._file.close()
