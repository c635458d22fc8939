"""WeasyPrint is imported without what it does not need here, and is otherwise the same."""

import ast
import hashlib
import os
import re
import subprocess
import sys
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import cffi
import cssselect2
import pytest
from fontTools.ttLib import TTLibError

from pdfkit_cli.rendering import pango_abi, renderer, weasyprint_import

WEASYPRINT = Path(str(distribution("weasyprint").locate_file("weasyprint")))


def declarations() -> str:
    """Return what WeasyPrint gives to `cdef`."""
    calls = [
        node for node in ast.walk(ast.parse((WEASYPRINT / "text/ffi.py").read_text())) if isinstance(node, ast.Call)
    ]
    (call,) = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "cdef")
    return str(ast.literal_eval(call.args[0]))


def test_the_parsed_declarations_are_those_of_weasyprint(tmp_path: Path) -> None:
    """Made anew from the installed version with PDFKIT_UPDATE_GOLDEN=1; then set DECLARATIONS_DIGEST."""
    made = tmp_path / "pango_abi.py"
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    ffi.set_source("pango_abi", None)
    ffi.emit_python_code(str(made))
    shipped = Path(str(pango_abi.__file__))
    if os.environ.get("PDFKIT_UPDATE_GOLDEN"):
        shipped.write_bytes(made.read_bytes())
    assert shipped.read_text() == made.read_text()
    assert hashlib.sha256(declarations().encode()).hexdigest() == weasyprint_import.DECLARATIONS_DIGEST


def test_other_declarations_are_parsed_by_cffi() -> None:
    ffi = weasyprint_import.interface("typedef struct { int one; } other_t;")
    assert isinstance(ffi, cffi.FFI)
    assert ffi.sizeof("other_t") == 4
    assert weasyprint_import.interface(declarations()) is pango_abi.ffi


SCRIPT = """
import sys
from pdfkit_cli.rendering import renderer

started = []
sys.addaudithook(lambda event, arguments: started.append(arguments) if event in ("subprocess.Popen", "os.posix_spawn") else None)
renderer.prepare_process()
import weasyprint.text.ffi
from pdfkit_cli.rendering import pango_abi
assert weasyprint.text.ffi.ffi is pango_abi.ffi
print(started)
print([name for name in ("pycparser", "fontTools.subset", "fontTools.varLib", "fontTools.ttLib.woff2") if name in sys.modules])
"""


def test_an_import_parses_nothing_and_starts_no_compiler() -> None:
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["[]", "[]"]


def test_what_is_not_imported_is_imported_when_it_is_called() -> None:
    renderer.prepare_process()
    from weasyprint.pdf import fonts
    from weasyprint.text import fonts as text_fonts

    assert type(fonts.subset.Options()).__module__ == "fontTools.subset"
    with pytest.raises(ValueError, match="fvar"):
        fonts.instantiateVariableFont({}, {})
    with pytest.raises(TTLibError):
        text_fonts.woff2.decompress(BytesIO(b"no font"), BytesIO())


def test_a_selector_is_compiled_when_it_is_first_tried() -> None:
    renderer.prepare_process()
    from cssselect2 import ElementWrapper, compile_selector_list

    assert cssselect2.__version__ == weasyprint_import.PATCHED_SELECTORS
    root = ElementTree.fromstring('<ul><li class="a b"/><li id="x"><p lang="da"/></li></ul>')
    for selector in (
        "li",
        ".b",
        "li > p",
        "ul p",
        ".a + li",
        ".a ~ #x",
        "p:lang(da)",
        ":not(li)",
        "[class~=b i]",
        "b",
        ":has(p)",
    ):
        (tried,) = compile_selector_list(selector)
        (compiled,) = compile_selector_list(selector)
        source = compiled.test.__globals__["evaluated"].args[1]
        at_once = eval(source, tried.test.__globals__)
        for _ in range(2):
            found = [bool(tried.test(element)) for element in ElementWrapper.from_xml_root(root).iter_subtree()]
            assert found == [bool(at_once(element)) for element in ElementWrapper.from_xml_root(root).iter_subtree()]
            assert "evaluated" not in tried.test.__globals__


@pytest.mark.parametrize(("module", "calls"), weasyprint_import._DEFERRED.items())
def test_weasyprint_calls_nothing_else_of_them(module: str, calls: tuple[str, ...]) -> None:
    """A name that is missing would be found out in the one PDF that needs it."""
    name = module.rpartition(".")[2]
    source = "".join(path.read_text() for path in WEASYPRINT.rglob("*.py"))
    used = set(re.findall(rf"(?<![\w.-]){name}\.(\w+)", source))
    used |= set(re.findall(rf"from {re.escape(module)} import (\w+)", source))
    assert used == set(calls)
