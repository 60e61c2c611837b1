"""Times of day: 9時30分, 午後3時, 13:05, 15時半, as HH:MM."""

from __future__ import annotations

import datetime
import re

_TIME = re.compile(
    r"(?:(?P<half>午前|午後|[AaPp]\.?[Mm]\.?)\s?)?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2}))?|時(?:(?P<after>\d{1,2})分?|(?P<half_past>半))?)"
    r"(?:\s?(?P<half_after>[AaPp]\.?[Mm]\.?))?"
)


def time_of(text: str, *, afternoon: bool = False) -> datetime.time | None:
    """The time that `text` (plain, digits) writes; `afternoon` says that it goes on from a time after noon.

    None for anything else, for hours from 24 on, and for 12 o'clock with 午前 or 午後, which some take
    for noon and some for midnight.
    """
    if text == "正午":
        return datetime.time(12)
    match = _TIME.fullmatch(text)
    if match is None or (match["half"] and match["half_after"]):
        return None
    hour = int(match["hour"])
    minute = 30 if match["half_past"] else int(match["minute"] or match["after"] or 0)
    half = (match["half"] or match["half_after"] or "").lower()
    if half and not hour < 12:
        return None
    if half.startswith(("午後", "p")) or (afternoon and not half and hour < 12):
        hour += 12
    try:
        return datetime.time(hour, minute, int(match["second"] or 0))
    except ValueError:
        return None


def is_afternoon(text: str) -> bool:
    """Whether the time is said to be after noon, so that one that it reaches to is so, too."""
    return text.startswith("午後") or text[:1] in ("P", "p")


def show_time(time: datetime.time) -> str:
    """HH:MM, with the seconds where there are any."""
    return time.isoformat("seconds" if time.second else "minutes")
