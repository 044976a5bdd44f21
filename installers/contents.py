"""Decides what of all that PyInstaller finds goes into the bundle.

Its recipe, `morpheus.spec`, calls these functions with PyInstaller's tables: rows of the name
inside the bundle, the file it comes from, and its kind.
"""

import hashlib
import sys
import sysconfig
from importlib import metadata
from pathlib import Path, PurePath

Row = tuple[str, str, str]

# Imported by libraries in ways that the app never uses.
UNUSED_MODULES = [
    "bitarray.test_bitarray", "bitarray.test_bitfields", "bitarray.test_free_threading",
    "bitarray.test_util", "curses", "distutils", "doctest", "numpy.f2py", "pdb", "pip",
    "pydantic.mypy", "pydantic.v1", "pydoc", "readline", "setuptools", "tkinter", "unittest",
    "websockets.legacy", "websockets.sync",
]  # fmt: skip

# Qt's plugins by folder, on all platforms; what is not named stays out.
PLUGINS = {
    "iconengines": {"qsvgicon"},
    "imageformats": {"qgif", "qjpeg", "qwebp"},
    "platforminputcontexts": {"composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"},
    "platforms": {"qcocoa", "qoffscreen", "qwayland", "qwindows", "qxcb"},
    "platformthemes": {"qxdgdesktopportal"},
    "styles": {"qmacstyle", "qmodernwindowsstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": {"qt-plugin-wayland-egl"},
    "wayland-shell-integration": {"xdg-shell"},
}  # fmt: skip
# Qt's libraries that only plugins left out would use.
UNUSED_QT = ("Qt6EglFS", "Qt6EglFs", "Qt6WlShell")

# What Python's own modules use of a Linux system, and the Debian packages that have their licences.
# Other distributions have other versions of these, so they come along. All else, X11 and the C++
# runtime for example, has to fit the system's graphics drivers and is the system's own.
PYTHON_NEEDS = {
    "libbz2": "libbz2-1.0",
    "libcrypto": "libssl3",
    "libffi": "libffi8",
    "liblzma": "liblzma5",
    "libsqlite3": "libsqlite3-0",
    "libssl": "libssl3",
    "libuuid": "libuuid1",
    "libz": "zlib1g",
}


def libraries(found: list[Row]) -> list[Row]:
    """The shared libraries and Qt plugins to keep, and the model runtime."""
    return [row for row in found if _is_used(row) and not _is_left_to_system(row)] + _runtime()


def _is_used(row: Row) -> bool:
    name = PurePath(row[0])
    stem = name.name.partition(".")[0].removeprefix("lib")
    if "plugins" in name.parts:
        return stem in PLUGINS.get(name.parent.name, ())
    return "llama_cpp" not in name.parts and not stem.startswith(UNUSED_QT)


def _is_left_to_system(row: Row) -> bool:
    if sys.platform != "linux" or not row[1].startswith(("/lib", "/usr/lib")):
        return False
    return PurePath(row[0]).name.partition(".")[0] not in PYTHON_NEEDS


def _runtime() -> list[Row]:
    """llama.cpp's libraries. The package has each under three names, as three files; a library
    that is loaded under two names must be one file, and the others lead to it.
    """
    package = metadata.distribution("llama_cpp_python")
    folder = Path(str(package.locate_file("llama_cpp/lib")))
    rows: list[Row] = []
    first: dict[bytes, str] = {}
    for file in sorted(folder.iterdir()):
        content = hashlib.sha256(file.read_bytes()).digest()
        if content in first:
            rows.append((f"llama_cpp/lib/{file.name}", first[content], "SYMLINK"))
        else:
            first[content] = file.name
            rows.append((f"llama_cpp/lib/{file.name}", str(file), "BINARY"))
    return rows


def data(found: list[Row]) -> list[Row]:
    """The data files to keep, and links to libraries: no translations of Qt, no tables for names of
    the Ethereum name service, and no metadata, which `licences` adds.
    """
    return [
        row
        for row in found
        if "translations" not in PurePath(row[0]).parts
        and PurePath(row[0]).parts[0] != "ens"
        and ".dist-info" not in row[0]
        and _is_used(row)
    ]


def licences(*collected: list[Row]) -> list[Row]:
    """Name, version and licence texts of each package of which anything is in the bundle, and its
    entry points: keyring finds the keychains by them.
    """
    sources = {Path(row[1]) for rows in collected for row in rows}
    rows = [
        (str(PurePath(file)), str(file.locate()), "DATA")
        for package in metadata.distributions()
        if any(Path(str(file.locate())) in sources for file in package.files or ())
        for file in package.files or ()
        if ".dist-info" in str(file) and _is_kept(PurePath(file))
    ]
    texts = {"Python": Path(sysconfig.get_path("stdlib"), "LICENSE.txt")}
    if sys.platform == "linux":
        documents = Path("/usr/share/doc")
        texts |= {name: documents / name / "copyright" for name in PYTHON_NEEDS.values()}
    rows += [(f"resources/licences/{name}.txt", str(file), "DATA") for name, file in texts.items()]
    return rows


def _is_kept(file: PurePath) -> bool:
    words = ("licen", "copying", "notice", "authors")
    return file.name in ("METADATA", "entry_points.txt") or any(
        word in file.name.lower() for word in words
    )
