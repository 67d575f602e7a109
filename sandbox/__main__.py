"""``python -m sandbox``: all twins on one loopback port."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sandbox.serving import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until told to stop; 0 after a clean stop, 1 when the address cannot be had, 2 for wrong use."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Local stand-ins for the vendors' APIs.")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8700, help="0 takes any free port (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which synthetic company (default: %(default)s)")
    parser.add_argument("--only", action="append", metavar="SYSTEM", help="serve this twin; repeat it for more")
    parser.add_argument(
        "--headroom", type=int, default=1, help="times the vendors' published limits (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        run(options.host, options.port, options.seed, _announce, options.only, options.headroom)
    except ValueError as wrong:
        parser.error(str(wrong))
    except OSError as taken:
        sys.stderr.write(f"sandbox: cannot serve on {options.host}:{options.port}: {taken.strerror}\n")
        return 1
    return 0


def _announce(address: str) -> None:
    sys.stdout.write(f"sandbox ready on {address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
