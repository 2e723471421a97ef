"""When something may reach people: outside the school's quiet hours."""

from datetime import datetime, time, timedelta

from django.utils import timezone


def deliver_after(now: datetime, quiet: dict[str, str]) -> datetime:
    """The first moment from `now` on that is not quiet; `quiet`: {"from": "20:00", "to": "07:00"}.

    Hours are those of the clock in France; an hour that the clock skips or repeats ends when it ends.
    """
    local = timezone.localtime(now)
    begins, ends = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    hour = local.time().replace(tzinfo=None)
    over_midnight = begins > ends
    is_quiet = (hour >= begins or hour < ends) if over_midnight else begins <= hour < ends
    if not is_quiet:
        return now
    day = local.date() + timedelta(days=1 if over_midnight and hour >= begins else 0)
    return timezone.make_aware(datetime.combine(day, ends))
