"""What is due and leased (see ``base``)."""

from pipeline.errors import UserError
from pipeline.frontier.base import Frontier


def open_frontier(url: str) -> Frontier:
    """The frontier at ``sqlite:///FILE`` or ``redis(s)://[user:password@]host[:port][/database]``.

    Raises ``UserError`` when the URL names no store that is built in, or one that cannot serve; ``Unavailable`` when
    the store does not answer.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest != "/":
        from pathlib import Path

        from pipeline.frontier.sqlite import SqliteFrontier

        return SqliteFrontier(Path(rest[1:]))
    if scheme in ("redis", "rediss"):
        from pipeline.frontier.redis import RedisFrontier

        return RedisFrontier(url)
    raise UserError(
        "a frontier must be sqlite:///FILE or redis://[user:password@]host[:port][/database]",
        subject=url.rpartition("@")[2],
    )


__all__ = ["Frontier", "open_frontier"]
