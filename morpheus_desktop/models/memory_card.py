"""Main memory as a bar: what others use, what is loaded, what the chosen model would need."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.models import wording
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelRow, ModelsViewModel
from morpheus_desktop.widgets.bar import Bar, Key, Part
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.wrap import Wrap
from router.untrusted import one_line

LOADED_NAME = 32


class MemoryCard(QFrame):
    """The bar with its legend."""

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm = vm
        self._verdict = label("", "small", "text-2")
        self._bar = Bar(theme, "Memory")
        self._others = Entry(theme, "line-control")
        self._loaded = Entry(theme, "accent")
        self._wanted = Entry(theme, "info", hatched=True)
        head = QHBoxLayout()
        head.addWidget(label("Memory", "lead"))
        head.addStretch()
        head.addWidget(self._verdict)
        legend = Wrap(gap=24, line_gap=4)
        for entry in (self._others, self._loaded, self._wanted):
            legend.addWidget(entry)
        gpu = f"{vm.gpu} ready" if vm.gpu else "no GPU in use"
        below = QHBoxLayout()
        below.addLayout(legend, 1)
        below.addWidget(label(f"{fmt.counted(vm.cores, 'core')}, {gpu}", "small", "text-3"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._bar)
        column.addLayout(below)

    def show_need(self, row: ModelRow | None) -> None:
        """Show memory as it is, and what this model would take of it."""
        now, host = self._vm.memory, self._vm.host_state
        loaded = host.memory_bytes or 0
        others = max(now.total - now.free - loaded, 0)
        loaded_name = one_line(host.model.name, LOADED_NAME) if host.model is not None else ""
        wanted = row is not None and row.usable and row.status not in ("loaded", "loading")
        needs = row.needs if row is not None and wanted else 0
        parts = (
            self._others.show_share("System and other apps", others, now.total),
            self._loaded.show_share(f"{loaded_name}, loaded", loaded, now.total),
            self._wanted.show_share(
                f"{wording.name(row)}, if loaded" if row else "", needs, now.total
            ),
        )
        self._bar.set_parts(parts)
        self._show_verdict(needs)

    def _show_verdict(self, needs: int) -> None:
        room = self._vm.available if needs else self._vm.memory
        left = room.free - needs
        if left < 0:
            words = f"Too big: {fmt.memory(-left)} more would be needed"
        else:
            fits = f"Fits: {fmt.memory(left)}" if needs else fmt.memory(left)
            words = f"{fits} of {fmt.memory(room.total)} {'would stay' if needs else 'are'} free"
        self._verdict.setText(words)
        self._verdict.set_tone("text-2" if left >= 0 else "warn")


class Entry(QWidget):
    """One part of the bar in words."""

    def __init__(self, theme: Theme, token: str, *, hatched: bool = False) -> None:
        super().__init__()
        self._token, self._hatched = token, hatched
        self._words = label("", "small", "text-2")
        self._size = label("", "mono", "text-3")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Key(theme, token, hatched=hatched))
        row.addWidget(self._words)
        row.addWidget(self._size)

    def show_share(self, words: str, size: int, total: int) -> Part:
        """Say it, and give the part of the bar; nothing is hidden."""
        self._words.setText(words)
        self._size.setText(fmt.memory(size))
        self.setVisible(size > 0)
        return Part(size / total, self._token, f"{words}: {fmt.memory(size)}", self._hatched)
