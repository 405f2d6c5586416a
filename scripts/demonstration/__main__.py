"""`python -m scripts.demonstration [EPOCH | --stay]`: EPOCH is the second at which `scripts/demo` was started."""

import signal

# As long as nothing has been started, Ctrl-C may end us without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

from scripts.demonstration.performance import perform  # noqa: E402
from scripts.demonstration.staying import stay  # noqa: E402

if sys.argv[1:] == ["--stay"]:
    sys.exit(asyncio.run(stay()))
sys.exit(asyncio.run(perform(float(sys.argv[1]) if len(sys.argv) > 1 else time.time())))
