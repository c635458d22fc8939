"""XML whose elements know where they stand in their file."""

from typing import Any

from defusedxml.ElementTree import DefusedXMLParser


class PositionParser(DefusedXMLParser):
    """Records the line and column of each element, from 1, as its `place`."""

    def _start(self, *arguments: Any) -> Any:
        element = super()._start(*arguments)  # type: ignore[misc]
        element.place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return element
