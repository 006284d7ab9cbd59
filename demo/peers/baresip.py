"""baresip as a foreign peer: TLS, mandatory SRTP, a spoken file, and what it hears as WAV files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from demo.peers.processes import Process, free_port, wait_for_text

CONFIG = """poll_method epoll
sip_listen {listen}:{port}
sip_cafile {ca_file}
sip_verify_server yes
call_local_timeout 120
call_max_calls 4
audio_player {player}
audio_source {source}
audio_alert aubridge,nothing
ausrc_srate 16000
auplay_srate 16000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp}-{rtp_end}
{buffers}
net_interface {interface}
snd_path {heard}
module_path /usr/lib/baresip/modules
module g722.so
module opus.so
module g711.so
module aufile.so
module aubridge.so
{sound}
{dump}
module srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


def installed() -> bool:
    return shutil.which("baresip") is not None


class Baresip:
    """One baresip with one account."""

    def __init__(
        self,
        folder: Path,
        *,
        user: str,
        password: str,
        domain: str,
        server: str,
        ca_file: Path,
        spoken: Path,
        dial: str = "",
        codecs: str = "G722/16000/1",
        answer: str = "auto",
        dump: bool = True,
        devices: tuple[str, str] | None = None,
        buffers: str = "jitter_buffer_delay 1-5",
        environment: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        """``dump`` keeps what it hears as WAV; a measurement of its CPU leaves that out.

        ``address``: where it listens and sends from; of IPv6, then nothing else.
        ``devices``: names of ALSA's microphone and speaker, instead of a file and nothing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.heard = folder / "heard"
        self.heard.mkdir(exist_ok=True)
        rtp, ipv6 = free_port() & ~1, ":" in address
        # baresip asks DNS servers, never the hosts file: give it the address of "localhost".
        server = server.replace("localhost", "127.0.0.1")
        (folder / "config").write_text(
            CONFIG.format(
                listen=f"[{address}]" if ipv6 else address,
                interface=address,
                port=free_port(),
                ca_file=ca_file,
                source=f"alsa,{devices[0]}" if devices else f"aufile,{spoken}",
                player=f"alsa,{devices[1]}" if devices else "aubridge,nothing",
                sound="module alsa.so" if devices else "",
                buffers=buffers,
                heard=self.heard,
                dump="module sndfile.so" if dump else "",
                rtp=rtp,
                rtp_end=min(rtp + 50, 65534),
            )
        )
        (folder / "accounts").write_text(
            f"<sip:{user}@{domain};transport=tls>;auth_pass={password};"
            f'outbound="sip:{server};transport=tls";mediaenc=srtp-mand;regint=60;'
            f"answermode={answer};audio_codecs={codecs}\n"
        )
        (folder / "contacts").touch()
        self._arguments = ["baresip", *(["-6"] if ipv6 else []), "-f", str(folder)]
        if dial:
            self._arguments += ["-e", f"/dial {dial}"]
        self._folder = folder
        self._environment = environment
        self.process: Process | None = None

    def start(self) -> Baresip:
        self.process = Process(
            self._arguments, self._folder / "baresip.log", cwd=self._folder, env=self._environment
        )
        wait_for_text(self.process, "200 OK")
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None

    def __enter__(self) -> Baresip:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
