"""What is due and leased (see ``base``)."""

from pipeline.errors import UserError
from pipeline.frontier.base import Frontier


def open_frontier(url: str) -> Frontier:
    """The frontier at ``sqlite:///FILE``. Raises ``UserError`` when the URL names a store that is not built in."""
    scheme, _, rest = url.partition(":///")
    if scheme == "sqlite" and rest:
        from pathlib import Path

        from pipeline.frontier.sqlite import SqliteFrontier

        return SqliteFrontier(Path(rest))
    raise UserError("a frontier must be sqlite:///FILE", subject=url.partition("@")[2] or url)


__all__ = ["Frontier", "open_frontier"]
