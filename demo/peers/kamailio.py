"""Kamailio as a TLS registrar and proxy on loopback, with digest accounts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Self

from demo.peers.authority import ServerFiles
from demo.peers.processes import Process, RegistrarProcess, free_port, wait_for_port

CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
memdbg=10
memlog=10
fork=yes
children=1
tcp_children=1
disable_tcp=no
enable_tls=yes
tcp_connection_lifetime=3605
tcp_max_connections=64
auto_aliases=no
alias="{domain}"
listen=tls:{host}:{port}
{plain}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "nathelper.so"
loadmodule "auth.so"
loadmodule "tls.so"
modparam("tls", "tls_method", "{method}")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
modparam("tls", "verify_certificate", 0)
modparam("tls", "require_certificate", 0)
modparam("usrloc", "db_mode", 0)
modparam("nathelper|registrar", "received_avp", "$avp(RECEIVED)")
modparam("registrar", "max_expires", 3600)
modparam("registrar", "min_expires", 10)
modparam("rr", "enable_full_lr", 1)
modparam("auth", "algorithm", "{digest}")

{modules}
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  force_rport();
  $var(pass) = "";
{passwords}
{presence}
  if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
  if (has_totag()) {{
    if (is_method("INVITE|UPDATE|SUBSCRIBE|REFER|NOTIFY")) {{ add_contact_alias(); }}
    if (loose_route()) {{ handle_ruri_alias(); t_on_reply("ALIAS"); t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    sl_send_reply("404", "Not Here"); exit;
  }}
  t_check_trans();
  if (is_method("REGISTER")) {{
{full}
    if ($var(pass) == "" || !pv_www_authenticate("{domain}", "$var(pass)", "0")) {{
      www_challenge("{domain}", "0"); exit;
    }}
    consume_credentials();
    fix_nated_register();
    save("location");
    exit;
  }}
  if (is_method("INVITE|SUBSCRIBE|MESSAGE|OPTIONS") && $Rp != {plain_port}) {{
    if ($var(pass) == "" || !pv_proxy_authenticate("{domain}", "$var(pass)", "0")) {{
      proxy_challenge("{domain}", "0"); exit;
    }}
    consume_credentials();
  }}
  record_route();
  add_contact_alias();
{aliases}
{routes}
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_on_reply("ALIAS");
  t_relay();
}}

onreply_route[ALIAS] {{ add_contact_alias(); }}
"""


PRESENCE = """
loadmodule "dialog.so"
loadmodule "db_text.so"
loadmodule "presence.so"
loadmodule "presence_xml.so"
loadmodule "presence_dialoginfo.so"
loadmodule "presence_mwi.so"
loadmodule "pua.so"
loadmodule "pua_dialoginfo.so"
modparam("db_text", "db_mode", 0)
modparam("presence|presence_xml|pua", "db_url", "text://{tables}")
modparam("presence", "server_address", "sip:127.0.0.1:{plain_port}")
modparam("presence", "send_fast_notify", 1)
modparam("presence_xml", "force_active", 1)
modparam("pua", "outbound_proxy", "sip:127.0.0.1:{plain_port}")
modparam("pua_dialoginfo", "include_callid", 0)
modparam("pua_dialoginfo", "include_tags", 0)
"""
PRESENCE_ROUTE = """
  if (is_method("PUBLISH")) { handle_publish(); exit; }
  if (is_method("SUBSCRIBE") && (uri == myself || has_totag())) {
    if (!has_totag() && $var(pass) == "") { sl_send_reply("403", "No"); exit; }
    if (!has_totag() && !pv_proxy_authenticate("{domain}", "$var(pass)", "0")) {
      proxy_challenge("{domain}", "0"); exit;
    }
    handle_subscribe(); exit;
  }
  if (is_method("INVITE") && !has_totag()) { dlg_manage(); }
"""
TABLES = Path("/usr/share/kamailio/dbtext/kamailio")


def installed() -> bool:
    """Whether Kamailio and its TLS module are here."""
    return shutil.which("kamailio") is not None and any(
        Path("/usr/lib").glob("*/kamailio/modules/tls.so")
    )


class Kamailio(RegistrarProcess):
    """One registrar; ``accounts`` maps user to password, ``numbers`` maps a number to a user."""

    def __init__(
        self,
        folder: Path,
        files: ServerFiles,
        accounts: dict[str, str],
        *,
        domain: str = "phone.example",
        numbers: dict[str, str] | None = None,
        method: str = "TLSv1.2+",
        port: int = 0,
        plain_port: int = 0,
        host: str = "127.0.0.1",
        digest: str = "MD5",
        routes: dict[str, int] | None = None,
        presence: bool = False,
        full: bool = False,
    ) -> None:
        """``plain_port`` adds UDP and TCP listeners where no call needs a digest, for SIPp.

        ``routes`` sends a user's calls to a UDP port of this host, where SIPp waits. ``presence``
        keeps watched lines and mailboxes; lines follow the calls that pass (needs plain_port).
        ``full`` takes no registration (503).
        """
        tables = folder / "tables"
        if presence:
            shutil.copytree(TABLES, tables)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = port or free_port()
        self.domain = domain
        self.plain_port = plain_port
        passwords = "\n".join(
            f'  if ($fU == "{user}") {{ $var(pass) = "{password}"; }}'
            for user, password in accounts.items()
        )
        aliases = "\n".join(
            f'  if ($rU == "{number}") {{ $rU = "{user}"; }}'
            for number, user in (numbers or {}).items()
        )
        self.config = folder / "kamailio.cfg"
        self.config.touch(mode=0o600)
        self.config.write_text(
            CONFIG.format(
                port=self.port,
                domain=domain,
                method=method,
                plain="\n".join(
                    f"listen={kind}:{host}:{plain_port}" for kind in ("udp", "tcp") if plain_port
                ),
                host=host,
                digest=digest,
                routes="\n".join(
                    f'  if ($rU == "{user}") {{ $du = "sip:{host}:{port}"; t_relay(); exit; }}'
                    for user, port in (routes or {}).items()
                ),
                modules=PRESENCE.format(tables=tables, plain_port=plain_port) if presence else "",
                presence=PRESENCE_ROUTE.replace("{domain}", domain) if presence else "",
                full='    sl_send_reply("503", "Full"); exit;' if full else "",
                plain_port=plain_port,
                certificate=files.certificate,
                key=files.key,
                passwords=passwords,
                aliases=aliases,
            )
        )
        self._folder = folder
        self._host = host.strip("[]")

    def start(self) -> Self:
        self.process = Process(
            [
                "kamailio",
                "-DD",
                "-E",
                "-m",
                "32",
                "-M",
                "8",
                "-f",
                str(self.config),
                "-P",
                str(self._folder / "kamailio.pid"),
                "-Y",
                str(self._folder),
            ],
            self._folder / "kamailio.log",
        )
        try:
            wait_for_port(self.port, self.process, host=self._host)
        except BaseException:
            self.stop()
            raise
        return self
