"""A worker process without a model: speaks the protocol and does what the question says.

Started like the real one. The last turn of a request is the order: "crash", "endless",
"stubborn" (ignores stop), "silent", "nonsense", or words to be said back. The name of the model
file orders too: "slow", "damaged", "crash", "unavailable" (no llama.cpp).
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any


def say(number: int, event: str, **values: Any) -> None:
    """Send one event."""
    sys.stdout.write(json.dumps({"id": number, "event": event, **values}) + "\n")
    sys.stdout.flush()


class FakeWorker:
    """Carries out commands from stdin until it closes."""

    def __init__(self) -> None:
        self.commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.running, self.to_stop = 0, -1
        self.model = ""
        threading.Thread(target=self.read, daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether the running command is to end; the stop may come before its command begins."""
        return self.to_stop == self.running

    def read(self) -> None:
        """Take commands; a stop is heard at once."""
        for line in sys.stdin:
            command = json.loads(line)
            if command["op"] == "stop":
                self.to_stop = command["id"]
            else:
                self.commands.put(command)
        os._exit(0)

    def run(self) -> None:
        """Serve for ever."""
        while True:
            command = self.commands.get()
            self.running = command["id"]
            getattr(self, command["op"])(command["id"], command)

    def load(self, number: int, command: dict[str, Any]) -> None:
        """Load, or fail as the name of the file says."""
        self.model = Path(command["path"]).stem
        if "damaged" in self.model:
            say(
                number,
                "error",
                kind="ModelError",
                message="Damaged.",
                safe="",
                hint="",
                param=None,
                code="",
            )
            return
        if "crash" in self.model:
            self.crash()
        for part in (0.0, 0.5):
            say(number, "progress", part=part)
        if "slow" in self.model:
            while not self.stopped:
                time.sleep(0.01)
            say(number, "stopped")
            return
        say(
            number,
            "loaded",
            context_tokens=command["context_tokens"],
            has_template="plain" not in self.model,
        )

    def complete(self, number: int, command: dict[str, Any]) -> None:
        """Answer as the last turn says."""
        order = command["request"]["turns"][-1]["content"]
        if order == "silent":
            return
        say(
            number, "started", prompt_tokens=len(order.split()), context_tokens=100, dropped_turns=0
        )
        say(number, "delta", text="well ", tokens=1)
        if order == "crash":
            self.crash()
        if order == "nonsense":
            sys.stdout.write("no json\n")
            sys.stdout.flush()
            return
        while order == "endless" and not self.stopped:
            time.sleep(0.01)
            say(number, "delta", text="more ", tokens=1)
        while order == "stubborn":
            time.sleep(0.01)
        if self.stopped:
            say(number, "stopped")
            return
        for word in order.split():
            say(number, "delta", text=word, tokens=1)
        say(
            number,
            "finished",
            reason="stop",
            prompt_tokens=1,
            answer_tokens=2,
            first_token_s=0.1,
            total_s=0.2,
        )

    def embed(self, number: int, command: dict[str, Any]) -> None:
        """A vector of the length of each text."""
        for text in command["texts"]:
            say(number, "vector", values=[float(len(text))], tokens=1)
        say(number, "embedded")

    def count(self, number: int, command: dict[str, Any]) -> None:
        """As many tokens as turns."""
        say(number, "counted", tokens=len(command["turns"]))

    def crash(self) -> None:
        """Die as native code does."""
        sys.stderr.write("assertion failed in native code\n")
        sys.stderr.flush()
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


if __name__ == "__main__":
    if "unavailable" in sys.argv:
        say(0, "unavailable", reason="no module named llama_cpp")
    elif "mute" in sys.argv:
        time.sleep(60)
    else:
        say(0, "hello")
        with contextlib.suppress(BrokenPipeError):
            FakeWorker().run()
