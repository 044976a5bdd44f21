"""Jobs from stdin, a line of JSON each, run in a process of their own that may be killed or crash.

Forked when everything is imported, so that a start costs nothing.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Protocol


class CrashJob(Protocol):
    """What every job says: the crash point at which it dies, or nothing."""

    @property
    def crash_at(self) -> str:
        """The name of the point."""
        ...


def serve(job_of: Callable[..., Any], run: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Run what is asked for, and tell the exit code of each on stdout."""
    for line in sys.stdin:
        job: CrashJob = job_of(**json.loads(line))
        child = os.fork()
        if child == 0:
            os.environ["MORPHEUS_CRASH_AT"] = job.crash_at
            try:
                asyncio.run(run(job))
            except BaseException as error:  # noqa: BLE001 - said by the exit code and on stderr
                print(repr(error), file=sys.stderr, flush=True)  # noqa: T201
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer
