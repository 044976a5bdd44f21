"""What the models page says about a model, its download, and what removing it would do."""

from dataclasses import dataclass
from typing import Literal

from morpheus_desktop import format as fmt
from morpheus_desktop.problems import describe
from morpheus_desktop.viewmodels.models import ModelRow, Removal
from morpheus_desktop.widgets.basic import Tone
from router.inference.catalog import CatalogModel
from router.inference.download import Download
from router.inference.memory import Memory
from router.untrusted import one_line

LONGEST_NAME = 60

CHIPS: dict[str, tuple[str, Tone, str]] = {
    "loaded": ("Loaded", "accent", "circle-check"),
    "fits": ("Fits", "", "check"),
    "tight": ("Tight", "warn", "triangle-alert"),
    "too_big": ("Too big", "warn", "triangle-alert"),
}
PHASES = {
    "queued": "Waiting for its turn",
    "asking": "Asking the model hub",
    "checking": "Checking the file",
}


@dataclass(frozen=True)
class Line:
    """The second line of a row.

    Args:
        style: "file" is a file name and "facts" may be cut where there is no room; "words" wrap.
    """

    text: str
    tone: str = "text-3"
    style: Literal["file", "facts", "words"] = "words"


def name(row: ModelRow) -> str:
    """A model's name, safe to show; a file that cannot be used has only its own."""
    if row.model is not None and row.model.problem:
        return one_line(row.model.path.name, LONGEST_NAME)
    return one_line(row.name, LONGEST_NAME)


def line(row: ModelRow, memory: Memory) -> Line:
    """What the second line of a row says."""
    if row.download is not None:
        return _download(row.download)
    if row.model is not None and row.model.problem:
        return Line(one_line(row.model.problem, 300))
    if row.status == "loading":
        return Line(f"Loading into memory, {percent(row.progress)}")
    if row.model is not None:
        if row.status == "too_big":
            return Line(too_big(row, memory), "warn")
        return Line(one_line(row.model.path.name, 200), style="file")
    assert row.offer is not None
    return Line(offer_facts(row.offer), style="facts")


def too_big(row: ModelRow, memory: Memory) -> str:
    """Why a model does not fit."""
    return f"Needs {fmt.memory(row.needs)}, {fmt.memory(memory.free)} are free"


def offer_facts(offer: CatalogModel) -> str:
    """What to know before a download."""
    return f"{fmt.count(offer.context_tokens)} tokens, {offer.licence}"


def percent(part: float) -> str:
    """`42 %`."""
    return f"{part:.0%}".replace("%", "\u00a0%")


def parameters(number: int | None) -> str:
    """`8.19 B parameters`, or empty."""
    if not number or number < 1e6:
        return ""
    if number >= 1e9:
        return f"{number / 1e9:.2f}\u00a0B parameters"
    return f"{number / 1e6:.0f}\u00a0M parameters"


def _download(download: Download) -> Line:
    if download.error is not None:
        return Line(describe(download.error).text, "danger")
    if download.phase in ("loading", "paused"):
        done = f"{fmt.file_size(download.done)} of {fmt.file_size(download.total)}"
        if download.phase == "paused":
            return Line(f"Paused, {done}" if download.total else "Paused")
        speed = f", {fmt.file_size(round(download.bytes_per_s))}/s"
        left = (
            (download.total - download.done) / download.bytes_per_s if download.bytes_per_s else 0
        )
        return Line(done + speed + (f", {fmt.duration(left)} left" if left else ""))
    return Line(PHASES[download.phase])


@dataclass(frozen=True)
class Question:
    """What is asked before something is done."""

    title: str
    text: str
    action: str
    danger: bool = False


def about_removal(removal: Removal) -> Question:
    """What is asked before a model is removed."""
    model = removal.model
    shown = one_line(model.name, LONGEST_NAME)
    file = one_line(model.path.name, 120)
    if removal.kind == "delete":
        return Question(
            f"Delete {shown}?",
            f"The file {file} ({fmt.file_size(model.size_bytes)}) is deleted from this computer "
            "and cannot be brought back. Your chats stay as they are.",
            "Delete the file",
            danger=True,
        )
    if removal.kind == "unlist":
        return Question(
            f"Remove {shown} from the list?",
            f"The file {file} stays where it is. You can add it again at any time.",
            "Remove from the list",
        )
    assert removal.folder is not None
    folder = one_line(str(removal.folder), 200)
    return Question(
        "Unlink the folder?",
        f"{shown} is listed because the folder {folder} is linked. Without it "
        f"{fmt.counted(removal.count, 'model leaves', 'models leave')} the list. "
        "All files stay where they are.",
        "Unlink the folder",
    )


def about_too_big(row: ModelRow, memory: Memory) -> Question:
    """What is asked before a model is loaded that does not seem to fit."""
    return Question(
        f"Load {name(row)} although it is too big?",
        f"{too_big(row, memory)}. The computer may become slow, and the system may end the model "
        "or other programs to get memory back. Your chats are saved.",
        "Load it anyway",
        danger=True,
    )
