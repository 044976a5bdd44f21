"""Makes what people install.

    python installers/build.py bundle     the application folder, dist/morpheus-desktop
    python installers/build.py deb        the Debian package of it
    python installers/build.py measure    from start to the first painted window, in milliseconds

Needs nothing but Python 3.11 to 3.13 and a C++ compiler, and for `deb` a Debian-like system.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from installers import bundle, debian, measure  # isort: skip - it makes devtools known
from devtools.environment import need_python
from devtools.say import Stopped, say


def main() -> int:
    """Make one product; 0 when it worked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("product", choices=("bundle", "deb", "measure"))
    parser.add_argument(
        "--fast", action="store_true", help="pack the Debian package quickly, and larger"
    )
    options = parser.parse_args()
    try:
        if options.product == "bundle" or not bundle.is_current():
            bundle.build()
        if options.product == "deb":
            debian.build("zstd" if options.fast else "xz")
        if options.product == "measure":
            measure.first_window()
    except Stopped as problem:
        say(str(problem))
        return 1
    return 0


if __name__ == "__main__":
    need_python()
    sys.exit(main())
