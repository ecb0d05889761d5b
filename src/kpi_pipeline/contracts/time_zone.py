"""A time zone, as settings and layouts name it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, such as Asia
        raise ValueError(f"{name!r} is not a time zone; give an IANA name such as Asia/Tehran") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known)]
"""The name of a time zone that this machine knows."""
