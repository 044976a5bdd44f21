"""Makes what people install: the application folder and the Debian package."""

import sys
from pathlib import Path

# The developer commands in scripts/ set up environments and screens; they are used here too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "scripts"))
