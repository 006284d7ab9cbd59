"""A name server of the tests: answers what it was told, and NXDOMAIN to all else."""

from __future__ import annotations

import socket
import threading
from typing import Self

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """Serves records over UDP on one address; ``records`` are lines of a zone file."""

    def __init__(self, *records: str, host: str = "127.0.0.1", port: int = 0) -> None:
        self._sets: dict[tuple[str, str], dns.rrset.RRset] = {}
        for line in records:
            name, kind, data = line.split(None, 2)
            key = (name.lower(), kind)
            if key in self._sets:
                extra = dns.rrset.from_text(f"{name}.", 1, "IN", kind, data)
                self._sets[key].update(extra)
            else:
                self._sets[key] = dns.rrset.from_text(f"{name}.", 1, "IN", kind, data)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.host, self.port = self._socket.getsockname()[:2]
        self._stopping = False
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def resolver(self) -> dns.asyncresolver.Resolver:
        made = dns.asyncresolver.Resolver(configure=False)
        made.nameservers = [self.host]
        made.port = self.port
        return made

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if self._stopping:
                return
            query = dns.message.from_wire(data)
            [question] = query.question
            name = question.name.to_text(omit_final_dot=True).lower()
            kind = dns.rdatatype.to_text(question.rdtype)
            self.asked.append((name, kind))
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.AA
            found = self._sets.get((name, kind))
            if found is not None:
                answer.answer.append(found)
            elif not any(n == name for n, _ in self._sets):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            self._socket.sendto(answer.to_wire(), sender)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.host, self.port))
        self._thread.join(timeout=5)
        self._socket.close()
