"""Who is inside PDFium, and how many threads at most were at once."""

import threading
import time
from typing import Any

import pypdfium2
import pytest


class PdfiumUsers:
    """Counts the threads that have a document open; `pause` in seconds makes each stay longer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pause: float = 0.0) -> None:
        self.inside, self.most, self.opened = list[int](), 0, set[int]()
        users = self

        class Watched(pypdfium2.PdfDocument):  # type: ignore[misc]
            def __init__(self, *arguments: Any, **options: Any) -> None:
                users.inside.append(threading.get_ident())
                users.opened.add(threading.get_ident())
                users.most = max(users.most, len(set(users.inside)))
                time.sleep(pause)
                super().__init__(*arguments, **options)

            def close(self, *arguments: Any, **options: Any) -> None:
                super().close(*arguments, **options)
                if threading.get_ident() in users.inside:
                    users.inside.remove(threading.get_ident())

        monkeypatch.setattr(pypdfium2, "PdfDocument", Watched)
