"""What rows and questions say."""

import dataclasses
from pathlib import Path

import pytest

from morpheus_desktop.models import wording
from morpheus_desktop.viewmodels.models import ModelRow, Removal
from router.errors import DownloadError
from router.inference.download import Download
from router.inference.memory import Memory
from tests.support.hub import MODEL
from tests.support.library import local_model

FREE = Memory(16 * 10**9, 9_500_000_000)


def row(status, *, problem="", **more) -> ModelRow:
    model = local_model("talker", path=Path("/files/Talker-Q4.gguf"), problem=problem)
    return ModelRow("talker", model.name, 1000, status, 13_100_000_000, model=model, **more)


def offered(**download) -> ModelRow:
    running = Download(MODEL, **download) if download else None
    return ModelRow(MODEL.id, MODEL.name, 1000, "coming", offer=MODEL, download=running)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("of", "text", "tone", "style"),
    [
        (row("fits"), "Talker-Q4.gguf", "text-3", "file"),
        (row("too_big"), "Needs 13.1 GB, 9.5 GB are free", "warn", "words"),
        (row("loading", progress=0.42), "Loading into memory, 42 %", "text-3", "words"),
        (row("broken", problem="The file ends early."), "The file ends early.", "text-3", "words"),
        (offered(), "4,096 tokens, MIT", "text-3", "facts"),
        (offered(phase="queued"), "Waiting for its turn", "text-3", "words"),
        (offered(phase="checking"), "Checking the file", "text-3", "words"),
        (offered(phase="paused"), "Paused", "text-3", "words"),
        (
            offered(phase="paused", done=500_000, total=2_000_000),
            "Paused, 500 kB of 2.0 MB",
            "text-3",
            "words",
        ),
        (
            offered(phase="loading", done=500_000, total=2_000_000, bytes_per_s=100_000),
            "500 kB of 2.0 MB, 100 kB/s, 0:15 left",
            "text-3",
            "words",
        ),
        (offered(phase="loading", total=2_000_000), "0 B of 2.0 MB, 0 B/s", "text-3", "words"),
        (
            offered(phase="failed", error=DownloadError("The line is cut.", hint="Try again.")),
            "The line is cut. Try again.",
            "danger",
            "words",
        ),
    ],
)
def test_the_second_line_of_a_row(of, text, tone, style):
    line = wording.line(of, FREE)
    assert (plain(line.text), line.tone, line.style) == (text, tone, style)


def test_a_file_that_cannot_be_used_is_named_by_its_file():
    assert wording.name(row("fits")) == "Talker"
    assert wording.name(row("broken", problem="No.")) == "Talker-Q4.gguf"


def test_names_from_files_stay_on_one_line():
    hostile = dataclasses.replace(row("fits"), name="a\u202eb\n<b>c</b>" + "x" * 500)
    name = wording.name(hostile)
    assert "\n" not in name
    assert "\u202e" not in name
    assert "<b>c</b>" in name
    assert len(name) <= wording.LONGEST_NAME


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, ""),
        (500, ""),
        (134_515_008, "135 M parameters"),
        (8_190_000_000, "8.19 B parameters"),
    ],
)
def test_parameters(number, words):
    assert plain(wording.parameters(number)) == words


def test_before_a_file_is_deleted_it_is_said_that_this_is_final():
    question = wording.about_removal(Removal("delete", row("fits").model))
    assert question.danger
    assert "Talker-Q4.gguf" in question.text
    assert "cannot be brought back" in question.text
    assert question.action == "Delete the file"


def test_what_only_leaves_the_list_can_be_added_again():
    question = wording.about_removal(Removal("unlist", row("fits").model))
    assert not question.danger
    assert "stays where it is" in question.text


def test_unlinking_a_folder_tells_how_many_models_go():
    removal = Removal("unlink", row("fits").model, Path("/files"), 3)
    assert "3 models leave the list" in wording.about_removal(removal).text
    removal = dataclasses.replace(removal, count=1)
    assert "1 model leaves the list" in wording.about_removal(removal).text


def test_too_big_tells_the_numbers():
    question = wording.about_too_big(row("too_big"), FREE)
    assert question.danger
    assert "Needs 13.1 GB, 9.5 GB are free." in plain(question.text)
