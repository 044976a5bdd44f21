"""Entry: `python -m benchmarks NAME [--quick]`; prints JSON lines and nothing else on stdout."""

import argparse
import sys

from benchmarks import chain, gui, local, market_page, relay, wire

BENCHMARKS = {
    "chain": chain.measure,
    "gui": gui.measure,
    "local": local.measure,
    "market": market_page.measure,
    "relay": relay.measure,
    "wire": wire.measure,
}


def main(argv: list[str] | None = None) -> int:
    """Run one benchmark; the exit code says whether it ran, not whether targets were met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="fewer runs, to see that it works")
    options = parser.parse_args(argv)
    try:
        return BENCHMARKS[options.name](quick=options.quick)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
