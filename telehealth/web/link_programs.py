"""Programs that open links without a person: scanners of mail, previews of messengers, browsers that fetch ahead.

They may look at any page. What a person does by following a link, they do not.
"""

from __future__ import annotations

import re

from flask import Request

_FETCHES_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_KNOWN = re.compile(
    r"^whatsapp/|^microsoft office/|^ms-office|^curl/|^wget/|^python-requests|^go-http-client"
    r"|facebookexternalhit|facebot|slackbot|twitterbot|telegrambot|linkedinbot|discordbot|googlebot"
    r"|bingbot|applebot|pinterestbot|skypeuripreview|bingpreview|linkexpanding|google-safety"
    r"|googleimageproxy|yahoomailproxy|mimecast|barracuda|proofpoint|crawler|url scanner",
    re.IGNORECASE,
)
"""The names that they give themselves, as far as they do. Nothing that stands in the name of a browser: there are
phones that are called CUBOT, and messengers whose own browser says so.
"""


def is_program(asked: Request) -> bool:
    """Whether a request says of itself that no person made it: it wants no page (HEAD), fetches ahead, or is known."""
    if asked.method == "HEAD":
        return True
    if any("prefetch" in asked.headers.get(each, "").lower() for each in _FETCHES_AHEAD):
        return True
    return bool(_KNOWN.search(asked.headers.get("User-Agent", "")))
