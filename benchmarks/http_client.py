"""A foreign program that asks the app over HTTP, in a process of its own.

It uses Python's own HTTP client and a new connection for each question.
"""

import http.client
import json
import sys
import time

from benchmarks.child import serve
from benchmarks.speed import QUESTION, SAMPLING, Speed


def main(argv: list[str]) -> None:
    """Answer as often as is asked: argv are host:port and the key."""
    address, key = argv
    serve(lambda command: ask(address, key, command["tokens"]).to_answer())


def ask(address: str, key: str, most: int) -> Speed:
    """One streamed answer of at most so many tokens."""
    body = {
        "model": "",
        "messages": [{"role": "user", "content": QUESTION}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": most,
        **SAMPLING,
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    started = time.perf_counter()
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"HTTP {response.status}: {response.read()[:500]!r}")
    first = last = 0.0
    usage: dict[str, int] = {}
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        chunk = json.loads(line[6:])
        usage = chunk.get("usage") or usage
        if any(choice["delta"].get("content") for choice in chunk["choices"]):
            last = time.perf_counter()
            first = first or last
    connection.close()
    return Speed(
        usage["prompt_tokens"], usage["completion_tokens"], first - started, last - started
    )


if __name__ == "__main__":
    main(sys.argv[1:])
