"""Counters of one server process, in the text format of Prometheus."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping


class Metrics:
    """Requests by route and status, and seconds spent on them. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[str] = Counter()

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is its template, never a path with values in it."""
        with self._lock:
            self._requests[(method, route, status)] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]  # a Counter of floats

    def text(self, gauges: Mapping[str, int]) -> str:
        """Return everything, with gauges read from the database."""
        with self._lock:
            requests = sorted(self._requests.items())
            seconds = sorted(self._seconds.items())
        lines = ["# TYPE softphone_requests_total counter"]
        lines += [
            f'softphone_requests_total{{method="{method}",route="{route}",status="{status}"}} {n}'
            for (method, route, status), n in requests
        ]
        lines.append("# TYPE softphone_request_seconds_total counter")
        lines += [
            f'softphone_request_seconds_total{{route="{route}"}} {spent:.6f}'
            for route, spent in seconds
        ]
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE softphone_{name} gauge", f"softphone_{name} {value}"]
        return "\n".join(lines) + "\n"
