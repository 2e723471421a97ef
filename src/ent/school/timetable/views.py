"""Timetables of oneself, a pupil, a colleague, a class, a group, a room; private calendar addresses."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.kernel.access import Role, access, open_to_all
from ent.kernel.limits import allowed
from ent.kernel.live import follow
from ent.kernel.text import typed_day
from ent.school.people.families import chosen_child
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Group
from ent.school.timetable import feeds, week
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.changing import TOPIC
from ent.school.timetable.marks import marked
from ent.school.timetable.models import CalendarFeed, Room, Session, still_open
from ent.school.timetable.queries import sessions_of_pupils, sessions_of_teacher

READS = "60/hour"
MOST_ADDRESSES = 20


def _person(request: HttpRequest, person: UUID) -> Person:
    return get_object_or_404(Person.objects.exclude(profile=Profile.RELATIVE), pk=person)


def _division(request: HttpRequest, division: UUID) -> Division:
    return get_object_or_404(Division, pk=division)


def _group(request: HttpRequest, group: UUID) -> Group:
    return get_object_or_404(Group, pk=group)


def _room(request: HttpRequest, room: UUID) -> Room:
    return get_object_or_404(Room, pk=room)


def _feed(request: HttpRequest, feed: UUID) -> CalendarFeed:
    return get_object_or_404(CalendarFeed, pk=feed)


def asked_day(request: HttpRequest) -> date:
    """The day of the address; today where it names none, or nonsense."""
    return typed_day(request.GET.get("day", "")) or timezone.localdate()


@access("timetable.view_own")
def own(request: HttpRequest) -> HttpResponse:
    """One's own week; for a guardian, the child's (the chosen one of several); for others, a class to choose."""
    acting = request.acting
    if acting.profile == Profile.RELATIVE:
        children, child = chosen_child(request)
        if child is None:
            return render(request, "timetable/choose.html", {"divisions": []})
        return _of_person(request, child, children)
    if acting.profile == Profile.PUPIL or acting.roles & {Role.TEACHER, Role.FORM_TUTOR}:
        return _of_person(request, Person.objects.get(pk=acting.person_id), is_own=True)
    divisions = Division.objects.filter(closed_at=None, year__is_current=True).order_by("code")
    return render(request, "timetable/choose.html", {
        "divisions": divisions, "rooms": Room.objects.filter(still_open()),
        "changes": request.user.has_perm("timetable.change"), "sets_up": request.user.has_perm("timetable.set_up"),
        "covers": request.user.has_perm("timetable.cover"),
    })  # fmt: skip


@access("timetable.view_pupil", _person)
def of_person(request: HttpRequest, person: Person) -> HttpResponse:
    """A pupil's or a colleague's week."""
    return _of_person(request, person)


def _of_person(request: HttpRequest, person: Person, children=(), *, is_own: bool = False) -> HttpResponse:
    first, last = week.span_of(asked_day(request))
    if person.profile == Profile.PUPIL:
        sessions = sessions_of_pupils([person.pk], first, last)[person.pk]
    else:
        sessions = sessions_of_teacher(person.pk, first, last)
        sessions = marked(sessions) if is_own else sessions
    title = "Mon emploi du temps" if is_own else f"Emploi du temps · {person}"
    is_pupil = person.profile == Profile.PUPIL
    return _page(request, title, sessions, shows="teachers" if is_pupil else "audience", children=children,
                 lessons_of="" if is_pupil else f"teacher={person.pk}", child=person if children else None)  # fmt: skip


@access("timetable.view_audience", _division)
def of_division(request: HttpRequest, division: Division) -> HttpResponse:
    """A class's week, with its groups."""
    found = week.sessions_of_audience(division, *week.span_of(asked_day(request)))
    return _page(request, f"Emploi du temps · {division}", found, shows="both", lessons_of=f"division={division.pk}")


@access("timetable.view_audience", _group)
def of_group(request: HttpRequest, group: Group) -> HttpResponse:
    """A group's week."""
    found = week.sessions_of_audience(group, *week.span_of(asked_day(request)))
    return _page(request, f"Emploi du temps · {group}", found, shows="teachers", lessons_of=f"group={group.pk}")


@access("timetable.view_room", _room)
def of_room(request: HttpRequest, room: Room) -> HttpResponse:
    """A room's week: sessions and bookings."""
    sessions, bookings = week.uses_of_room(room, *week.span_of(asked_day(request)))
    return _page(request, f"{room.name}", sessions, shows="both", bookings=bookings, room=room,
                 lessons_of=f"room={room.pk}")  # fmt: skip


def _page(request: HttpRequest, title: str, sessions: list[Session], *, shows: str, **more) -> HttpResponse:
    zone = zone_of(request)
    context = {
        "title": title, "table": week.table(sessions, asked_day(request), zone), "shows": shows,
        "changes": request.user.has_perm("timetable.change"), "sets_up": request.user.has_perm("timetable.set_up"),
        "books": request.user.has_perm("timetable.book_room"), **more,
    }  # fmt: skip
    if request.htmx:
        return render(request, "timetable/_week.html", context)
    return render(request, "timetable/week.html", context | {"stream": follow(request, TOPIC)})


# --- private calendar addresses ----------------------------------------------------------------------------------
@access("timetable.subscribe")
def subscribe(request: HttpRequest) -> HttpResponse:
    """One's calendar addresses; a new one is shown once."""
    acting = request.acting
    if acting.profile == Profile.RELATIVE:
        about, _ = chosen_child(request)
    else:
        about = list(Person.objects.filter(pk=acting.person_id))
    address = ""
    if request.method == "POST":
        chosen = next((one for one in about if str(one.pk) == request.POST.get("about", "")), None)
        if CalendarFeed.objects.filter(person=acting.person_id, revoked_at=None).count() >= MOST_ADDRESSES:
            messages.error(request, f"Vous avez déjà {MOST_ADDRESSES} adresses : retirez-en une d'abord.")
        elif chosen:
            secret = feeds.open_feed(acting.person_id, chosen)
            address = request.build_absolute_uri(f"/calendar/{secret}.ics")
        else:
            messages.error(request, "Choisissez de qui suivre l'emploi du temps.")
    mine = CalendarFeed.objects.filter(person=acting.person_id, revoked_at=None).select_related("about")
    return render(request, "timetable/subscribe.html", {"about": about, "feeds": mine, "address": address})


@access("timetable.revoke_feed", _feed)
@require_POST
def revoke(request: HttpRequest, feed: CalendarFeed) -> HttpResponse:
    """An address answers no more."""
    feeds.revoke(feed)
    messages.success(request, "Cette adresse ne répond plus. Retirez-la aussi de votre agenda.")
    return redirect("timetable:subscribe")


@open_to_all("l'adresse elle-même est le secret ; elle se retire à tout moment")
@require_GET
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of a private address."""
    feed = feeds.found(token)
    if feed is None:
        raise Http404("Cette adresse d'agenda n'existe plus.")
    if not allowed(READS, "feed", feed.digest):
        return HttpResponse("Trop de lectures : réessayez dans une heure.", status=429, content_type="text/plain")
    body = feeds.calendar_of(feed, request.get_host().rsplit(":", 1)[0])
    feeds.note(feed)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8",
                        headers={"Content-Disposition": 'inline; filename="emploi-du-temps.ics"'})  # fmt: skip
