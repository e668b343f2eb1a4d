"""Long lists page by page: ``?page=2``."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from analyst.answers.dockets import last
from analyst.web.shown import link_of


class Pages:
    """Which part of a list a page shows, and the addresses of its neighbours."""

    def __init__(
        self,
        path: str,
        request: Request,
        total: int,
        size: int,
        *,
        part: str = "",
        again: Sequence[tuple[str, str]] = (),
        **kept: str,
    ) -> None:
        """``path``: of the page; ``total``: how many there are; ``size``: how many a page shows; ``part``: where on the
        page the list begins; ``kept``: what else the addresses have to say, ``again``: what they say several times."""
        self._part = f"#{part}" if part else ""
        number = min(self.asked(request), last(total, size))
        self.total = total
        self.first = number * size
        """Of this page; 0 is the first of all."""
        self.end = min(total, self.first + size)
        pairs = [*again, *kept.items()]
        self.before = self._link(path, number - 1, pairs) if number else ""
        self.after = self._link(path, number + 1, pairs) if self.end < total else ""

    @property
    def says(self) -> str:
        """``21 to 40 of 1,234``; '' where the page shows all."""
        if not (self.before or self.after):
            return ""
        return f"{self.first + 1:,} to {self.end:,} of {self.total:,}"

    @staticmethod
    def asked(request: Request) -> int:
        """The number of the page that is asked for, from 0; beyond the last one the last is shown."""
        given = request.query_params.get("page", "1")
        return max(1, int(given)) - 1 if given.isascii() and given.isdecimal() and len(given) < 6 else 0

    def _link(self, path: str, number: int, pairs: Sequence[tuple[str, str]]) -> str:
        return link_of(path, [*pairs, ("page", str(number + 1) if number else "")]) + self._part
