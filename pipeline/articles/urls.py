"""Addresses: one written form for each, and who stands behind them. Pure; nothing here touches the network.

``canonical`` is what an article's id is made of, so it errs on the side of keeping two addresses apart: two forms of
one page are joined again by redirects, by the page's own rel=canonical or as copies, but two pages that fall
together are lost. What it returns can be fetched and shown as it stands. Hence:

- scheme and host in lower case, IDNA hosts in their ASCII form, no default port, no trailing dot, no fragment;
- the scheme is kept: a site that answers on both redirects one to the other, and one that does not would be
  unreachable under a rewritten address (``articles.extract`` lets rel=canonical lift http to the page's https);
- the path keeps its case, its duplicate slashes and its trailing slash or lack of one (servers answer the two
  differently; the good ones redirect); an empty path is ``/``; dot segments are resolved and session ids
  (``;jsessionid=``) dropped;
- percent-encoding as RFC 3986 6.2.2 has it: unreserved characters bare, hexadecimal digits in capitals, everything
  that may not stand bare encoded as UTF-8;
- parameters that only say how the reader came here are dropped, the rest sorted by name, repeated names in their
  order. A name that is a tracker on one site and identifies the page on another (``id``, ``p``, ``ref``, ``source``)
  stays.

AMP and mobile forms are other addresses; only rel=canonical joins them.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import Refused

LONGEST = 8192
"""Longer addresses are refused: no page needs one, and every store has to keep it."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKER_PREFIXES = (
    "utm_",
    "mtm_",
    "piwik_",
    "matomo_",
    "hsa_",
    "_hs",
    "__hs",
    "vero_",
    "oly_",
    "at_",
    "trk_",
    "guce_",
)
"""Campaign families: Google Analytics, Matomo, HubSpot, Vero, Omeda, AT Internet, LinkedIn, Yahoo."""

_TRACKER_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid twclid ttclid yclid igshid igsh li_fat_id epik mibextid sfnsn
    fb_action_ids fb_action_types fb_ref fb_source rb_clickid s_kwcid ef_id irclickid irgwc
    mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash hsctatracking wickedid ck_subscriber_id bbeml
    nr_email_referer pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid
    cmpid cmp cmp_id icid ncid ocid s_cid xtor ito smid smtyp emc taid ftag guccounter
    ns_campaign ns_mchannel ns_source ns_linkname ns_fee sr_share soc_src soc_trk traffic_source
    wt.mc_id wt_mc wt.mc_ev wt.tsrc ref_src ref_url __twitter_impression _ga _gl _ke
"""
_TRACKERS = frozenset(_TRACKER_NAMES.split())
"""Click ids, newsletter recipients and outlet campaign codes; compared in lower case."""

_PLATFORMS = """
    wordpress.com substack.com medium.com tumblr.com beehiiv.com ghost.io typepad.com livejournal.com squarespace.com
    wixsite.com weebly.com
"""
_SITES_OF_MANY = frozenset(_PLATFORMS.split())
"""Platforms whose subdomains belong to different publishers, though not all are in the public suffix list."""

_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BARE_IN_PATH = _UNRESERVED | frozenset("!$&'()*+,;=:@/")
_BARE_IN_QUERY = _BARE_IN_PATH | frozenset("?")
_CLEAN_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/]*")
_CLEAN_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*")
_ESCAPE_OR_CHARACTER = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_DOUBLY_ESCAPED = re.compile(r"(?:amp;)+")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_EDGES = "".join(map(chr, range(33)))
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))


def canonical(url: str) -> str:
    """The one written form of an http(s) address; the rules stand at the top of this module. Idempotent.

    Raises ``errors.Refused`` for what is no http(s) URL, names no usable host or port, or carries credentials.
    """
    parts = _split(url)
    path = _escape(parts.path, _CLEAN_PATH, _BARE_IN_PATH)
    if ";" in path:
        path = _SESSION.sub("", path)
    if "/." in path:
        path = _resolve_dots(path)
    query = _query(parts.query)
    return f"{_origin(parts, url)}{path or '/'}{'?' + query if query else ''}"


def host(url: str) -> str:
    """The host's name in lower-case ASCII, or its address (an IPv6 one without brackets). Raises ``errors.Refused``."""
    return _host(_split(url), url)


def origin(url: str) -> str:
    """``scheme://host[:port]`` without a default port and without a path. Raises ``errors.Refused``."""
    return _origin(_split(url), url)


def site(url: str) -> str:
    """Who answers for an address: the registrable domain by the public suffix list (``"latimes.com"``).

    A host that is itself a public suffix, or whose top level the list does not know, gives its last two labels; a
    subdomain of a platform that hosts many publishers is a site of its own. An IP address or a name without a dot
    says nothing about who runs what on it, so there the port, if not the default one, belongs to the site.
    Raises ``errors.Refused``.
    """
    parts = _split(url)
    name = _host(parts, url)
    if "." not in name or _is_address(name):
        return _origin(parts, url).split("://", 1)[1]
    return _site_of_host(name)


def same_site(a: str, b: str) -> bool:
    """Whether one site answers for both addresses. Raises ``errors.Refused`` when either is no http(s) URL."""
    return site(a) == site(b)


@lru_cache(maxsize=4096)
def _site_of_host(name: str) -> str:
    # Loading the list takes a tenth of a second and 14 MB: not before the first question is asked.
    from tld import get_fld

    domain = get_fld(f"https://{name}/", fail_silently=True) or ".".join(name.split(".")[-2:])
    if domain in _SITES_OF_MANY and name not in (domain, f"www.{domain}"):
        return ".".join(name.split(".")[-1 - len(domain.split(".")) :])
    return domain


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise Refused(f"the address is longer than {LONGEST} characters", subject=url[:200])
    try:
        parts = urlsplit(url.strip(_EDGES).translate(_BREAKS))
    except ValueError as error:
        raise Refused(f"not a URL: {error}", subject=url[:200]) from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise Refused("not an http or https URL", subject=url[:200])
    if "@" in parts.netloc:
        raise Refused("the address carries credentials", subject=url.split("@")[-1][:200])
    return parts


def _host(parts: SplitResult, url: str) -> str:
    name = (parts.hostname or "").removesuffix(".")
    if ":" in name:
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError:
            raise Refused("not an IPv6 address", subject=url[:200]) from None
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise Refused("not a host name", subject=url[:200]) from None
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise Refused("not a host name", subject=url[:200])
    return name


def _origin(parts: SplitResult, url: str) -> str:
    name = _host(parts, url)
    try:
        port = parts.port
    except ValueError:
        raise Refused("not a port", subject=url[:200]) from None
    shown = f"[{name}]" if ":" in name else name
    if port is None or port == _DEFAULT_PORTS[parts.scheme]:
        return f"{parts.scheme}://{shown}"
    return f"{parts.scheme}://{shown}:{port}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _escape(text: str, clean: re.Pattern[str], bare: frozenset[str]) -> str:
    if clean.fullmatch(text):
        return text

    def one(match: re.Match[str]) -> str:
        found = match[0]
        if len(found) == 3:
            character = chr(int(found[1:], 16))
            return character if character in _UNRESERVED else found.upper()
        if found in bare:
            return found
        return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "replace"))

    return _ESCAPE_OR_CHARACTER.sub(one, text)


def _resolve_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    kept: list[tuple[str, str]] = []
    for pair in query.split("&"):
        parameter = _DOUBLY_ESCAPED.sub("", pair, count=1) if pair.startswith("amp;") else pair
        parameter = _escape(parameter, _CLEAN_QUERY, _BARE_IN_QUERY)
        name = parameter.partition("=")[0]
        lowered = name.lower()
        if parameter and lowered not in _TRACKERS and not lowered.startswith(_TRACKER_PREFIXES):
            kept.append((name, parameter))
    kept.sort(key=lambda pair: pair[0])
    return "&".join(parameter for _, parameter in kept)
