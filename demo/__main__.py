"""``make demo``: the main job end to end, with no PBX, no server and no sound card to install."""

from __future__ import annotations

import signal
import sys

from rich.console import Console

from demo import acts
from demo.peers.processes import PeerFailed
from demo.report import Report
from demo.stage import BUILD, Stage
from demo.stay import stay
from softphone.domain.errors import SoftphoneError


def main() -> int:
    """Run all acts; 0 only if every check is true."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report(Console(highlight=False))
    stage = Stage()
    staying = "--stay" in sys.argv[1:]
    try:
        (stay if staying else acts.perform)(stage, report)
    except KeyboardInterrupt:
        report.console.print("Stopped; everything that was started is ended.")
        return 130
    except (PeerFailed, SoftphoneError, AssertionError, OSError, KeyError, TimeoutError) as error:
        report.check("ran_to_the_end", False, f"{type(error).__name__}: {error}")
    else:
        report.check("ran_to_the_end", True, "Every act was played to its end")
    finally:
        stage.close()
    report.finish(BUILD)
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
