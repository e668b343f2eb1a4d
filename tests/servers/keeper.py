"""Keeps the Elasticsearch that a test run shares (``sharing``): ``python -m tests.servers.keeper FOLDER DESCRIPTOR``.

It goes into the background at once, as it outlives whoever started it. The descriptor is closed when something was
told.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import docker, sharing
from tests.servers.elasticsearch import Node, wait_for
from tests.servers.layout import Missing, layout


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A server that answers; its base URL.

    :raises Missing: where none can be had
    """
    if docker.has_image():
        with docker.container() as (url, name):
            wait_for(url, lambda: docker.problem(name))
            yield url
        return
    node = Node(folder / "node", server=layout(), tier=4)
    try:
        node.start()
        yield node.url
    finally:
        node.kill()


def main(folder: Path, descriptor: int) -> None:
    def tell(outcome: str) -> None:
        sharing.tell(folder, outcome)
        os.close(descriptor)
        sharing.wait_until_unused(folder)

    try:
        with server(folder) as url:
            tell(f"url {url}")
    except Missing as reason:
        tell(f"missing {reason}")
    except Exception:  # whoever asks is to hear of it, and not to try again
        tell(f"failed {traceback.format_exc()}")
    sharing.clear(folder)


if __name__ == "__main__":
    if os.fork() == 0:
        main(Path(sys.argv[1]), int(sys.argv[2]))
