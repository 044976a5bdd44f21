"""Settings: the network, and the nodes that are asked, in their order."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.problems import describe
from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.matching import fold
from morpheus_desktop.viewmodels.network import Endpoint, NetworkViewModel
from morpheus_desktop.widgets.basic import Chip, Tone, button, icon_button, label, rule
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.network_cards import NetworkCards
from morpheus_desktop.widgets.tip import set_tip
from morpheus_desktop.widgets.wrap import Wrap
from router.errors import MorpheusError

WORDS = "network chain node endpoint rpc key base arbitrum demo sepolia latency block"
WIDTH = 824
NUMBER, LATENCY, BLOCK = 24, 64, 176
# Narrower than this, at 100 % text, a row leaves out the block.
BLOCK_FROM = 620


class NetworkSection(Section):
    """Cards of networks, then the nodes of the chosen one."""

    def __init__(self, vm: NetworkViewModel, theme: Theme) -> None:
        super().__init__(theme, "Network", width=WIDTH)
        self._vm = vm
        self._rows: list[EndpointRow] = []
        self._networks = NetworkCards(theme, vm.networks)
        self._networks.chosen.connect(vm.choose)
        self._title = label("", "lead")
        self._about = label("", "small", "text-3", wrap=True)
        self._about_keys = label("", "small", "text-2", wrap=True)
        self._url = LineEdit(theme, "Address of a node", hint="https://…")
        self._field = Field(theme, "Add a node", self._url)
        self._add = button(theme, "Measure and add", icon="plus")
        self._list = QFrame()
        self._list.setObjectName("card")
        self._list_column = QVBoxLayout(self._list)
        self._list_column.setContentsMargins(1, 1, 1, 1)
        self._list_column.setSpacing(0)
        self._test = button(theme, "Test all", icon="activity")
        self._restore = button(theme, "Restore defaults", "ghost")
        self._whole = self._lay_out()
        self.column.addWidget(self._whole)
        self._connect()
        self._show()

    def keep_matching(self, words: str) -> bool:
        """Its rows are not rows of cards: it is found as a whole."""
        names = " ".join(network.title for network in self._vm.networks)
        around = fold(f"{self.title} {WORDS} {names}")
        found = all(word in around for word in fold(words).split())
        self._whole.setVisible(found)
        return found

    def _lay_out(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label("Network", "lead"))
        column.addWidget(
            label(
                "Switching closes no sessions. Balances are separate on each network, chats are "
                "kept.",
                "small",
                "text-2",
                wrap=True,
            )
        )
        column.addSpacing(12)
        column.addWidget(self._networks)
        column.addSpacing(24)
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addSpacing(8)
        actions = QWidget()
        line = Wrap(actions)
        line.addWidget(self._test)
        line.addWidget(self._restore)
        column.addWidget(actions)
        column.addSpacing(8)
        column.addWidget(self._list)
        column.addSpacing(16)
        self._adding = QWidget()
        row = QHBoxLayout(self._adding)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._field, 1)
        self._beside = QVBoxLayout()
        self._beside.addWidget(self._add)
        self._beside.addStretch()
        row.addLayout(self._beside)
        column.addWidget(self._adding)
        column.addSpacing(8)
        column.addWidget(self._about_keys)
        return whole

    def _connect(self) -> None:
        vm = self._vm
        self._test.clicked.connect(vm.test_all)
        self._restore.clicked.connect(vm.restore)
        self._add.clicked.connect(self._add_node)
        self._url.returnPressed.connect(self._add_node)
        self._url.textChanged.connect(lambda _text: self._field.set_problem(""))
        vm.changed.connect(self._show)
        vm.added.connect(self._url.clear)
        vm.refused.connect(self._refused)
        self.theme.changed.connect(self._show)

    def _add_node(self) -> None:
        if not self._vm.adding:
            self._vm.add(self._url.text())

    def _refused(self, error: MorpheusError) -> None:
        self._field.set_problem(describe(error).text)

    def _show(self) -> None:
        vm = self._vm
        self._networks.choose(vm.network.name)
        self._title.setText(f"Nodes for {vm.network.title}")
        self._about.setText(
            "Tried from top to bottom; Alt with the arrow keys moves one. Bad ones rest until "
            "they recover."
            if vm.editable
            else "The demo network runs on this computer, at a node of its own."
        )
        self._restore.set_reason("" if vm.own else "These are the defaults.")
        self._restore.setVisible(vm.editable)
        self._adding.setVisible(vm.editable)
        self._add.set_busy(busy=vm.adding)
        margin = self.theme.line_height("label") + 6
        self._beside.setContentsMargins(0, margin, 0, 0)
        self._about_keys.setText(vm.about_keys)
        self._about_keys.setVisible(bool(vm.about_keys))
        self._show_rows(vm.endpoints)

    def _show_rows(self, endpoints: tuple[Endpoint, ...]) -> None:
        while len(self._rows) < len(endpoints):
            self._rows.append(self._make_row())
        now = self._vm.clock()
        for number, row in enumerate(self._rows):
            shown = number < len(endpoints)
            row.setVisible(shown)
            if shown:
                row.show_endpoint(number, len(endpoints), endpoints[number], now)
        self._list.setVisible(bool(endpoints))
        self._test.set_reason("" if endpoints else "There is no node yet.")

    def _make_row(self) -> "EndpointRow":
        row = EndpointRow(self.theme, first=not self._rows)
        row.moved.connect(self._move)
        row.test_asked.connect(self._vm.test)
        row.removed.connect(self._vm.remove)
        self._list_column.addWidget(row)
        return row

    def _move(self, url: str, step: int) -> None:
        self._vm.move(url, step)
        for row in self._rows:
            if row.isVisible() and row.url == url:
                row.setFocus(Qt.FocusReason.OtherFocusReason)


class EndpointRow(QWidget):
    """One node: place, host, how it is, how fast, its newest block, and a menu.

    Signals:
        moved: (url, -1 or 1).
        test_asked, removed: url.
    """

    moved = Signal(str, int)
    test_asked = Signal(str)
    removed = Signal(str)

    def __init__(self, theme: Theme, *, first: bool) -> None:
        super().__init__()
        self._theme = theme
        self._endpoint: Endpoint | None = None
        self._place, self._count = 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._number = label("", "mono", "text-3")
        self._host = label("", "mono", cut=True)
        self._kind = Chip(theme, "")
        self._health = Chip(theme, "")
        self._latency = label("", "mono")
        self._block = label("", "mono", "text-2", cut=True)
        for words in (self._latency, self._block):
            words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._more = icon_button(theme, "ellipsis", "More")
        self._more.clicked.connect(self._menu)
        self._lay_out(first=first)
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self.moved.emit(self.url, step))
        theme.changed.connect(self._measure)
        self._measure()

    @property
    def url(self) -> str:
        """The node's address; never shown."""
        return self._endpoint.url if self._endpoint is not None else ""

    def show_endpoint(self, place: int, count: int, endpoint: Endpoint, now: float) -> None:
        """Show how a node is."""
        self._endpoint, self._place, self._count = endpoint, place, count
        self._number.setText(str(place + 1))
        self._host.setText(endpoint.host)
        mine: Tone = "" if endpoint.built_in else "info"
        self._kind.set("Built in" if endpoint.built_in else "Yours", mine)
        tone, icon = _health(endpoint)
        self._health.set(endpoint.words, tone, icon)
        set_tip(self._health, endpoint.state.problem)
        self._latency.setText(endpoint.latency)
        self._block.setText(endpoint.block(now))
        self._more.setAccessibleName(f"More about {endpoint.host}")
        facts = (endpoint.host, endpoint.words, endpoint.latency, endpoint.block(now))
        self.setAccessibleName(f"Node {place + 1}: {', '.join(facts)}")

    def _lay_out(self, *, first: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if not first:
            column.addWidget(rule())
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addWidget(self._number)
        self._row.addWidget(self._host, 1)
        self._row.addWidget(self._kind)
        self._row.addWidget(self._health)
        self._row.addWidget(self._latency)
        self._row.addWidget(self._block)
        self._row.addWidget(self._more)
        column.addLayout(self._row)

    def _menu(self) -> None:
        endpoint = self._endpoint
        if endpoint is None:
            return
        menu = Menu(self._theme, self.window())
        url, place = endpoint.url, self._place
        menu.add("Test now", lambda: self.test_asked.emit(url), icon="activity")
        top = "It is the first already." if place == 0 else ""
        last = "It is the last already." if place == self._count - 1 else ""
        up, down = (lambda: self.moved.emit(url, -1)), (lambda: self.moved.emit(url, 1))
        menu.add("Move up", up, icon="arrow-up", reason=top, keys="Alt+Up")
        menu.add("Move down", down, icon="arrow-down", reason=last, keys="Alt+Down")
        only = "One node has to stay." if self._count == 1 else ""
        menu.add("Remove", lambda: self.removed.emit(url), icon="trash-2", reason=only, danger=True)
        menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))

    def _measure(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(4), px(8), px(4))
        self._number.setFixedWidth(px(NUMBER))
        self._latency.setFixedWidth(px(LATENCY))
        self._block.setFixedWidth(px(BLOCK))
        self._fit()

    def _fit(self) -> None:
        px = self._theme.px
        self._block.setVisible(self.width() >= px(BLOCK_FROM))
        self._kind.setVisible(self.width() >= px(BLOCK_FROM - BLOCK))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._fit()


def _health(endpoint: Endpoint) -> tuple[Tone, str]:
    """Colour and icon of the chip."""
    if endpoint.busy:
        return "", "refresh-cw"
    if endpoint.in_use and endpoint.state.phase == "ready":
        return "accent", "check"
    looks: dict[str, tuple[Tone, str]] = {
        "unknown": ("", "clock"),
        "ready": ("", "check"),
        "limited": ("warn", "triangle-alert"),
        "behind": ("warn", "triangle-alert"),
    }
    return looks.get(endpoint.state.phase, ("danger", "circle-x"))
