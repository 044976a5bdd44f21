"""Closed in the middle of everything, the app ends by itself and loses nothing."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.running_app import needs_keyboard, wait_for

pytestmark = [needs_keyboard, pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(300)]

SIZE = 50_000_000
DRIVEN = ("-m", "tests.support.driven_app")

QUESTION = "Write a long story about a fox and the sea"


def ask(app):
    """Ask something long from the first screen on."""
    app.press("Return")
    app.type(QUESTION)
    wait_for("the draft", lambda: (QUESTION,) in app.rows("SELECT text FROM draft"))
    app.press("Return")


def kept(app):
    """Whose messages there are, and their states."""
    return app.rows("SELECT role, state FROM message ORDER BY id")


@pytest.mark.parametrize("how", ["window", signal.SIGTERM, signal.SIGINT], ids=str)
def test_while_an_answer_is_written(start_app, how):
    app = start_app().ready()
    ask(app)
    written = app.wait_for_answer("writing")
    assert app.children()
    if how == "window":
        app.close_window()
    else:
        app.process.send_signal(how)
    assert app.ended() == 0
    assert kept(app) == [("user", "done"), ("assistant", "cut_off")]
    assert app.last_answer()[1].startswith(written)


def test_while_the_model_is_loaded(start_app):
    app = start_app().ready()
    ask(app)
    wait_for("the worker", app.children)
    app.close_window()
    assert app.ended() == 0
    assert kept(app)[0] == ("user", "done")
    assert kept(app)[1] != ("assistant", "writing")


def test_before_it_is_ready(start_app):
    app = start_app()
    wait_for("the data folder", lambda: (app.folder / "chats.db").exists())
    app.process.send_signal(signal.SIGTERM)
    assert app.ended() == 0


class EndlessHub(BaseHTTPRequestHandler):
    """Lists one file, and never comes to its end."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        if "/tree/" in self.path:
            large = {"oid": "0" * 64, "size": SIZE}
            self.wfile.write(json.dumps([{"path": "a-q4_k_m.gguf", "lfs": large}]).encode())
            return
        with suppress(ConnectionError):
            while not self.server.ended.wait(0.01):
                self.wfile.write(b"GGUF" * 1000)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[str]:
    """Address of a hub whose files never end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EndlessHub)
    server.ended = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_while_a_model_is_downloaded(start_app, tmp_path, hub):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "settings.toml").write_text(f'[inference]\nmirror = "{hub}"\n')
    app = start_app(command=(*DRIVEN, "download"))
    assert app.ended() == 0
    (part,) = (folder / "models").glob("*.part")
    assert 0 < part.stat().st_size < SIZE


def test_a_mistake_is_shown_once_for_each_place_in_the_code(start_app):
    app = start_app(command=(*DRIVEN, "crash"))
    assert app.ended(said="2 dialogs\n") == 0
