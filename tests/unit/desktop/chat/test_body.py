"""A body is the same however it came in, and holds widgets only for what is visible."""

import math
import random

import pytest
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.blocks import Code
from morpheus_desktop.chat.body import Body, estimate
from morpheus_desktop.chat.code_view import CodeView
from morpheus_desktop.chat.flow import Flow
from morpheus_desktop.theme import Theme

MIXED = """# Title
Some **bold** text with `code` in it.

- one
- two
  ```sh
  ls
  ```
- three

| a | b |
|---|---|
| 1 | 2 |

```python
def f():
    return 1
```
The end of it.
"""


@pytest.fixture
def body(qtbot: QtBot, theme: Theme) -> Body:
    made = Body(theme, 600)
    qtbot.addWidget(made)
    return made


def show_all(body: Body) -> int:
    for _ in range(50):
        before = body.content_height
        done = body.show_range(0, body.content_height, math.inf)
        if done and body.content_height == before:
            break
    return body.content_height


def test_streamed_is_as_high_as_written_at_once(qtbot: QtBot, theme: Theme) -> None:
    text = MIXED * 8
    whole, grown = Body(theme, 600), Body(theme, 600)
    qtbot.addWidget(whole)
    qtbot.addWidget(grown)
    whole.append(text)
    whole.finish()
    turn = random.Random(4)
    at = 0
    while at < len(text):
        step = turn.randrange(1, 60)
        grown.append(text[at : at + step])
        grown.show_range(0, grown.content_height, math.inf)
        at += step
    grown.finish()
    assert show_all(grown) == show_all(whole)


def test_only_what_is_near_is_made(qtbot: QtBot, body: Body) -> None:
    body.append("A paragraph of a few words.\n\n" * 2_000)
    body.finish()
    qtbot.waitUntil(lambda: not body._unread)
    body.show_range(0, 800, math.inf)
    near = len([flow for flow in body.findChildren(Flow) if flow.isVisibleTo(body)])
    assert 1 <= near <= 4
    middle = body.content_height // 2
    body.show_range(middle, middle + 800, math.inf)
    flows = [flow for flow in body.findChildren(Flow) if flow.isVisibleTo(body)]
    assert len(flows) <= 4
    assert all(abs(flow.y() - middle) < 12_000 for flow in flows)


def test_making_stops_when_time_is_over(body: Body) -> None:
    body.append("Words.\n\n" * 1_000)
    body.finish()
    assert not body.show_range(0, 5_000, -math.inf)
    assert body.show_range(0, 500, math.inf)


def test_a_long_text_is_read_in_slices(qtbot: QtBot, body: Body) -> None:
    body.append("x\n" * 50_000)
    assert body._unread
    height = body.content_height
    assert height > 50_000
    qtbot.waitUntil(lambda: not body._unread)
    assert body.content_height == pytest.approx(height, rel=0.2)


def test_an_anchor_survives_other_heights_above_it(body: Body) -> None:
    body.append(MIXED * 40)
    body.finish()
    body.show_range(4_000, 4_500, math.inf)
    anchor = body.anchor(4_200)
    y = body.y_of(anchor)
    body.show_range(0, 800, math.inf)
    assert body.anchor(body.y_of(anchor)) == anchor
    assert abs(body.y_of(anchor) - y) < 4_000


def test_whole_code_of_several_pieces(body: Body) -> None:
    source = "int a;\n" * 1_000
    body.append(f"Text.\n\n```c\n{source}```\nmore")
    body.finish()
    show_all(body)
    first = next(view for view in body.findChildren(CodeView) if not view._code.joined)
    assert first._whole is not None
    assert first._whole() == source.removesuffix("\n")


def test_code_that_is_still_being_written(body: Body) -> None:
    body.append("```py\na = 1\nb")
    body.set_caret(shown=True)
    show_all(body)
    (view,) = body.findChildren(CodeView)
    assert view._code == Code("a = 1\nb", "py")
    body.append(" = 2\n```\n")
    body.finish()
    show_all(body)
    assert view._code == Code("a = 1\nb = 2", "py")


def test_plain_is_not_read_as_markdown(qtbot: QtBot, theme: Theme) -> None:
    body = Body(theme, 600, plain=True)
    qtbot.addWidget(body)
    body.append("# no *title*\n```\nx\n```")
    body.finish()
    show_all(body)
    assert not body.findChildren(CodeView)
    assert 0 < body.natural_width < 200


def test_width_and_restyle(body: Body, theme: Theme) -> None:
    body.append("word " * 300)
    body.finish()
    wide = show_all(body)
    body.set_width(200)
    assert show_all(body) > 2 * wide
    theme.set_scale(1.5)
    body.restyle()
    assert show_all(body) > 3 * wide


def test_estimates_are_near(qtbot: QtBot, theme: Theme) -> None:
    text = "Some ordinary words of a usual length make up this paragraph here.\n\n" * 60
    body = Body(theme, 600)
    qtbot.addWidget(body)
    body.append(text)
    body.finish()
    assert show_all(body) == pytest.approx(estimate(text, 600, 1.0), rel=0.5)


def test_what_is_next_to_the_visible_part_is_made_once(qtbot: QtBot, body: Body) -> None:
    """Who follows an answer as it grows asks for both, many times a second."""
    body.append(MIXED * 12)
    body.finish()
    show_all(body)
    middle = body.content_height // 2
    body.show_range(middle - 400, middle + 800, math.inf)
    made = {flow for flow in body.findChildren(Flow) if flow.isVisibleTo(body)}
    body.show_range(middle, middle + 400, math.inf)
    body.show_range(middle - 400, middle + 800, math.inf)
    assert {flow for flow in body.findChildren(Flow) if flow.isVisibleTo(body)} <= made
