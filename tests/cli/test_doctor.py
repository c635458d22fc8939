"""What the doctor says and to whom."""

import json

from tests.helpers.cli_runner import Terminal


def test_doctor(pdfkit: Terminal) -> None:
    code, out, err = pdfkit("doctor")
    assert (code, err) == (0, "")
    assert all(line.startswith("ok ") for line in out.splitlines())
    code, out, _ = pdfkit("doctor", "--json")
    assert {reading["name"]: reading["good"] for reading in json.loads(out)}["pango"] is True
