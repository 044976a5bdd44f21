"""What the linters cannot see: rules about calls, and which module may make what."""

import ast
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.meta.sources import ROOT, modules

NESTED_LOOPS = {"exec", "exec_", "processEvents"}
TASK_MAKERS = {"create_task", "ensure_future", "asyncSlot", "asyncClose"}
TASK_OWNERS = {"router/tasks.py", "morpheus_desktop/ui_tasks.py"}
# Text from models and files must not become rich text by itself: one class sets it to plain.
LABEL_MAKERS = {"morpheus_desktop/widgets/basic.py", "morpheus_desktop/widgets/text.py"}

Rule = Callable[[str, ast.AST], bool]


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def nested_loop(_path: str, node: ast.AST) -> bool:
    """A loop inside the loop breaks qasync for good (docs/decisions/0001)."""
    return isinstance(node, ast.Attribute) and node.attr in NESTED_LOOPS


def task_without_owner(path: str, node: ast.AST) -> bool:
    """Tasks are made in two files, which give them an owner and a name."""
    return _called(node) in TASK_MAKERS and path not in TASK_OWNERS


def widget_in_view_model(path: str, node: ast.AST) -> bool:
    """A view-model can be tested, and thought about, without widgets."""
    if not path.startswith("morpheus_desktop/viewmodels/"):
        return False
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    return any(name.startswith("PySide6.QtWidgets") for name in names)


def label_that_guesses(path: str, node: ast.AST) -> bool:
    """A QLabel of its own would take a text that looks like HTML for HTML."""
    if path in LABEL_MAKERS:
        return False
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return _called(node) == "QLabel" or any(getattr(base, "id", "") == "QLabel" for base in bases)


def focus_chain(_path: str, node: ast.AST) -> bool:
    """PySide makes the widget that these give a part of the one asked: gone when that one goes."""
    return _called(node) in ("nextInFocusChain", "previousInFocusChain")


def shell(_path: str, node: ast.AST) -> bool:
    """A shell would read names of files as commands."""
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    asked = isinstance(node, ast.keyword) and node.arg == "shell"
    return asked or called.endswith(("os.system", "os.popen", "create_subprocess_shell"))


RULES: tuple[Rule, ...] = (
    nested_loop,
    task_without_owner,
    widget_in_view_model,
    label_that_guesses,
    focus_chain,
    shell,
)
CODE = {
    path.as_posix(): ast.parse((ROOT / path).read_text("utf-8"))
    for path in modules("morpheus_desktop", "router")
}
# What each rule must notice.
BROKEN = {
    nested_loop: "dialog.exec()",
    task_without_owner: "asyncio.create_task(work())",
    widget_in_view_model: "from PySide6.QtWidgets import QWidget",
    label_that_guesses: "QLabel('text')",
    focus_chain: "widget.nextInFocusChain()",
    shell: "subprocess.run(command, shell=True)",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule: Rule) -> None:
    broken = [
        f"{path}:{node.lineno}"
        for path, tree in CODE.items()
        for node in ast.walk(tree)
        if rule(path, node)
    ]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_is_noticed_when_broken(rule: Rule) -> None:
    path = "morpheus_desktop/viewmodels/new.py"
    assert any(rule(path, node) for node in ast.walk(ast.parse(BROKEN[rule])))


@pytest.mark.slow
def test_imports_keep_to_the_layers() -> None:
    """In a process of its own: it sets up logging so that everybody else's is switched off."""
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
