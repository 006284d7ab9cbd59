from __future__ import annotations

from softphone.server.metrics import Metrics


def test_the_text_format():
    metrics = Metrics()
    metrics.count("GET", "/v1/policy", 200, 0.25)
    metrics.count("GET", "/v1/policy", 200, 0.5)
    assert metrics.text({"devices": 3}) == (
        "# TYPE softphone_requests_total counter\n"
        'softphone_requests_total{method="GET",route="/v1/policy",status="200"} 2\n'
        "# TYPE softphone_request_seconds_total counter\n"
        'softphone_request_seconds_total{route="/v1/policy"} 0.750000\n'
        "# TYPE softphone_devices gauge\n"
        "softphone_devices 3\n"
    )
