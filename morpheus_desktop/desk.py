"""Puts the window together: view-models, pages, palette, and who tells whom what.

Pages that are seldom the first one are imported when they are opened: the first frame does not
wait for them.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTextEdit, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.chat import markdown
from morpheus_desktop.chat_commands import chat_commands
from morpheus_desktop.chat_files import ChatFiles
from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.dialogs.parameters import ParametersDialog
from morpheus_desktop.dialogs.rename import RenameDialog
from morpheus_desktop.dialogs.report import ReportDialog
from morpheus_desktop.main_window import MainWindow, WindowParts
from morpheus_desktop.money_desk import MoneyDesk
from morpheus_desktop.panes.chat import ChatPane
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.problems import Problems
from morpheus_desktop.session_desk import SessionDesk
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks, show
from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.chat_list import ChatListViewModel
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel
from morpheus_desktop.viewmodels.diagnostics import DiagnosticsViewModel
from morpheus_desktop.viewmodels.models import ModelsViewModel
from morpheus_desktop.viewmodels.palette import Item, PaletteViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.viewmodels.status import StatusViewModel
from morpheus_desktop.viewmodels.welcome import WelcomeViewModel
from morpheus_desktop.widgets.toast import ToastText
from router.node import Node
from router.untrusted import one_line

if TYPE_CHECKING:  # start-up cost: it brings web3 along
    from morpheus_desktop.wallet.flow import WalletFlow


class Desk:
    """The window and everything behind it. `start` after the first frame, `close` at the end."""

    def __init__(self, node: Node, theme: Theme, prefs: Prefs, problems: Problems) -> None:
        services = node.services
        self.node = node
        self._theme = theme
        self._prefs = prefs
        self._problems = problems
        self._tasks = UiTasks(problems.report)
        self.commands = Commands(prefs)
        self.amounts = Amounts(prefs)
        self._wallet: WalletFlow | None = None
        self.account = AccountViewModel(node.money, services.settings)
        running = SessionsViewModel(node.money)
        self.status = StatusViewModel(
            services.host, services.settings, node.parts, self.account, running
        )
        self.welcome = WelcomeViewModel(services.library)
        self.chat = ChatViewModel(
            services.conversations,
            services.chats,
            services.temporary,
            services.library,
            services.host,
        )
        self.chat_session = ChatSessionViewModel(self.chat, running, node.money)
        self.chats = ChatListViewModel(services.chats, services.conversations)
        self.models = ModelsViewModel(
            services.library,
            services.host,
            services.downloads,
            services.settings,
            node.models_part,
        )
        self.diagnostics = DiagnosticsViewModel(services.log, node.parts, services.host)
        node.api_started.subscribe(lambda api: self.diagnostics.follow_requests(api.request_log))
        self.settings = SettingsViewModel(
            services.settings,
            services.paths,
            services.chats,
            services.keys,
            node.api_part,
            lambda: node.api.state if node.api is not None else None,
        )
        self.palette = PaletteViewModel(
            self.commands, prefs, (self._palette_models, self._palette_chats)
        )
        self.window = MainWindow(
            WindowParts(
                theme,
                prefs,
                self.commands,
                self.status,
                self.palette,
                self.welcome,
                pages={
                    "chat": self._chat_pane,
                    "market": lambda: self.sessions.market_pane(),
                    "staking": lambda: self.sessions.staking_pane(),
                    "models": self._models_pane,
                    "wallet": self._wallet_pane,
                    "diagnostics": self._diagnostics_pane,
                    "settings": self._settings_pane,
                },
            )
        )
        self._money = MoneyDesk(
            node.money, services.settings, self.account, self.window, theme, problems
        )
        self._money.add_commands(self.commands)
        self._files = ChatFiles(services.chats, self.window, self._say, problems.report)
        self.sessions = SessionDesk(
            node.money,
            services.settings,
            self.account,
            running,
            self.window,
            theme,
            prefs,
            self.amounts,
            problems,
            wallet=lambda: self.wallet,
            save=self._files.save_text,
        )
        self.sessions.add_commands(self.commands)
        self.sessions.chat_asked.connect(self._chat_with)
        self._connect(problems)
        self.window.restore()

    async def start(self) -> None:
        """Start the node's parts and show what they have."""
        _know_widgets()
        problem = self.settings.problem
        if problem is not None:
            self._problems.report(problem)
        self._money.watch_activity()
        await asyncio.gather(self.node.start(), asyncio.to_thread(markdown.get_ready))
        self.chats.refresh()
        report = self.node.services.database.report
        if report.problem is not None:
            self._problems.report(report.problem)

    async def close(self) -> None:
        """End everything that the window started."""
        for part in (self.chat, self.chats, self.models, self.settings, self.status):
            await part.close()
        await self.sessions.close()
        if self._wallet is not None:
            await self._wallet.close()
        await self._money.close()
        await self.account.close()
        await self.palette.close()
        await self.diagnostics.close()
        await self._files.close()
        await self._tasks.close()
        self.welcome.close()
        self.chat_session.close()

    def show_onboarding(self) -> None:
        """Set up a wallet."""
        self._money.show_onboarding()

    # Pages, made when they are first opened

    def _chat_pane(self) -> QWidget:
        pane = ChatPane(self.chat, self.chats, self.chat_session, self._theme, self.amounts)
        pane.open_asked.connect(self.sessions.show_bids)
        pane.extend_asked.connect(self.sessions.extend)
        pane.close_asked.connect(self.sessions.show_closing)
        pane.unlock_asked.connect(self._money.unlock)
        pane.link_clicked.connect(self.window.dialogs.link)
        pane.parameters_asked.connect(self._ask_parameters)
        pane.models_asked.connect(lambda: self.window.open_page("models"))
        pane.rename_asked.connect(self._ask_rename)
        pane.export_asked.connect(self._files.export_chat)
        pane.import_asked.connect(self._files.import_chats)
        pane.files_dropped.connect(self._files.import_from)
        self.commands.changed.connect(lambda: pane.show_keys(self.commands.shown_keys))
        self.commands.add(*chat_commands(pane))
        pane.said.connect(self._say)
        return pane

    def _models_pane(self) -> QWidget:
        from morpheus_desktop.panes.models import ModelsPane  # start-up cost, see above

        pane = ModelsPane(self.models, self._theme)
        pane.folder_asked.connect(lambda: self._open_folder(self.node.services.paths.models))
        self.models.added.connect(lambda name: self._say(f"{one_line(name)} was added"))
        return pane

    def _wallet_pane(self) -> QWidget:
        from morpheus_desktop.panes.wallet import WalletPane  # start-up cost, see above

        pane = WalletPane(self.node.money, self._theme, lambda: self.wallet.body)
        pane.page_requested.connect(self.window.open_page)
        pane.setup_requested.connect(self.show_onboarding)
        return pane

    @property
    def wallet(self) -> "WalletFlow":
        """The wallet page, and the review of what it sends; only when money is loaded."""
        from morpheus_desktop.wallet.flow import WalletFlow  # when money is loaded, see above

        if self._wallet is None:
            self._wallet = WalletFlow(
                self.node.money,
                self._theme,
                self.amounts,
                self.window,
                say=self._say,
                report=self._problems.report,
                link=self.window.dialogs.link,
                save=self._files.save_text,
            )
            self._wallet.add_commands(self.commands)
        return self._wallet

    def _diagnostics_pane(self) -> QWidget:
        from morpheus_desktop.panes.diagnostics import DiagnosticsPane  # start-up cost, see above

        pane = DiagnosticsPane(self.diagnostics, self._theme)
        pane.folder_asked.connect(lambda: self._open_folder(self.node.services.paths.logs))
        pane.preview_asked.connect(self._preview_report)
        return pane

    def _settings_pane(self) -> QWidget:
        from morpheus_desktop.panes.settings import SettingsPane  # start-up cost, see above

        network, security = self._money.settings_models()
        pane = SettingsPane(
            self.settings, network, security, self.window.looks, self.commands, self._theme
        )
        pane.setup_asked.connect(self.show_onboarding)
        self._money.sections = pane.close_sections
        pane.folder_asked.connect(self._open_folder)
        pane.export_asked.connect(self._files.export_all)
        pane.import_asked.connect(self._files.import_chats)
        pane.licences_asked.connect(self.window.dialogs.licences)
        pane.terms_asked.connect(self.window.dialogs.terms)
        pane.said.connect(self._say)
        return pane

    # What the pages ask for

    def _connect(self, problems: Problems) -> None:
        window = self.window
        problems.explained.connect(window.explain)
        problems.crashed.connect(window.dialogs.crash)
        window.new_chat_requested.connect(self._new_chat)
        self.palette.ask_requested.connect(lambda text: self._chat_page().ask(text))
        self.palette.search_requested.connect(lambda text: self._chat_page().search_messages(text))
        self.chats.deleted.connect(self._offer_undo)
        self.chat.writing_changed.connect(self.chats.set_writing)
        self.models.online_changed.connect(self.status.set_online)
        for view_model in (
            self.chats,
            self.status,
            self.palette,
            self.models,
            self.diagnostics,
            self.settings,
        ):
            view_model.failed.connect(problems.report)
        self.commands.add(
            Command("chat.model", "Choose the model", self._choose_model, "Ctrl+M", "cpu"),
            Command(
                "chat.parameters",
                "System prompt and parameters",
                self._ask_parameters,
                icon="sliders-horizontal",
                keywords=("temperature", "seed"),
            ),
            Command(
                "amounts.hide",
                "Hide all amounts",
                self.amounts.toggle,
                "Ctrl+Shift+H",
                "eye-off",
                keywords=("privacy", "balance"),
                checked=lambda: self.amounts.hidden,
            ),
            Command("chat.stop", "Stop the answer", self.chat.stop, icon="square"),
            Command("chat.again", "Answer again", self._answer_again, icon="refresh-cw"),
            Command("model.unload", "Unload the model", self.models.unload, icon="cpu"),
            Command("help.about", "About Morpheus Desktop", self._about, icon="info"),
        )

    def _chat_page(self) -> ChatPane:
        pane = self.window.open_page("chat")
        assert isinstance(pane, ChatPane)
        return pane

    def _new_chat(self, temporary: bool) -> None:
        self._chat_page().new_chat(temporary=temporary)

    def _chat_with(self, session_id: str) -> None:
        self._chat_page()
        self.chat.set_model(f"session:{session_id}")

    def _choose_model(self) -> None:
        self._chat_page().choose_model()

    def _ask_parameters(self) -> None:
        self._tasks.start("parameters", self._parameters())

    async def _parameters(self) -> None:
        chat = self.chat
        dialog = ParametersDialog(self._theme, self.window, chat.system_prompt, chat.sampling)
        if await show(dialog):
            chat.set_parameters(dialog.system_prompt, dialog.sampling)

    def _about(self) -> None:
        from morpheus_desktop.panes.settings import SettingsPane  # start-up cost, see above

        pane = self.window.open_page("settings")
        assert isinstance(pane, SettingsPane)
        pane.show_section("About")

    def _answer_again(self) -> None:
        if self.chat.messages and not self.chat.writing:
            self.chat.regenerate(self.chat.messages[-1].id)

    def _ask_rename(self, chat_id: str) -> None:
        self._tasks.start("rename", self._rename(chat_id))

    async def _rename(self, chat_id: str) -> None:
        chat = await self.node.services.chats.get(chat_id)
        dialog = RenameDialog(
            self._theme,
            self.window,
            title="Rename this chat",
            field="Title",
            value=chat.title,
            action="Rename",
        )
        if await show(dialog):
            self.chats.rename(chat_id, dialog.text)

    def _preview_report(self) -> None:
        self._tasks.start("report", self._report())

    async def _report(self) -> None:
        text = self.diagnostics.report()
        dialog = ReportDialog(self._theme, self.window, text)
        if await show(dialog):
            self._files.save_text("Save the report", "morpheus-report.txt", text)

    def _offer_undo(self, chat_id: str) -> None:
        self.window.toast(
            ToastText(
                "Chat deleted",
                icon="trash-2",
                tone="text-2",
                action="Undo",
                run=lambda: self.chats.undo_delete(chat_id),
                undo=True,
            )
        )

    def _say(self, text: str) -> None:
        self.window.toast(text)

    def _open_folder(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._say(f"No file manager was found. The folder is {folder}")

    async def _palette_models(self) -> Sequence[Item]:
        return [
            Item(
                f"model.{model.id}",
                "Models",
                one_line(model.name),
                partial(self._use_model, model.id),
                icon="cpu",
                detail=model.quantization,
            )
            for model in self.chat.models
        ] + [
            Item(
                f"model.{choice.model}",
                "Models",
                choice.name,
                partial(self._use_model, choice.model),
                icon="globe",
                detail=f"{choice.left} left",
            )
            for choice in self.chat_session.choices
        ]

    def _use_model(self, model_id: str) -> None:
        self.window.open_page("chat")
        self.chat.set_model(model_id)

    async def _palette_chats(self) -> Sequence[Item]:
        return [
            Item(
                f"chat.{chat.id}",
                "Chats",
                one_line(chat.title) or "New chat",
                partial(self._open_chat, chat.id),
                icon="message-square",
            )
            for chat in await self.node.services.chats.list()
        ]

    def _open_chat(self, chat_id: str) -> None:
        self._chat_page()
        self.chat.open(chat_id)


def _know_widgets() -> None:
    """Have PySide look at all of Qt's classes, as it does for the first widget that Qt itself made.

    It takes 20 to 40 ms, once: here, where neither the first frame nor the first answer waits.
    """
    QTextEdit().viewport()
