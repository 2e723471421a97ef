"""Pages of a teacher: a session's content and work, its documents, the copies handed in."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.kernel import documents
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.text import dated, of
from ent.school.lessons import actions, forms, queries
from ent.school.lessons.access import PlanToRead
from ent.school.lessons.models import Attachment, Habit, Homework, LessonEntry, Slide, Submission
from ent.school.lessons.sequences import parallel
from ent.school.lessons.text import typed
from ent.school.people.models import Person
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.changing import why_not_on
from ent.school.timetable.models import Session, SessionAudience
from ent.school.timetable.queries import detailed


def find_session(request: HttpRequest, session: UUID) -> Session:
    heard = SessionAudience.objects.filter(session=OuterRef("pk")).exclude(division=None)
    habit = Habit.objects.filter(person=request.acting.person_id).values("publish")
    found = detailed(Session.objects.all()).annotate(
        habit=Subquery(habit[:1]),
        own_days=queries.own_days(),
        division_ids=ArraySubquery(heard.order_by("division__code").values("division")),
        slid_at=Subquery(Slide.objects.filter(session=OuterRef("pk"), undone_at=None).values("at")[:1]),
    )
    return get_object_or_404(found.select_related("entry"), pk=session)


def find_homework(request: HttpRequest, homework: UUID) -> Homework:
    found = Homework.objects.select_related("subject", "author", "given_in").annotate(own_days=queries.own_days())
    return get_object_or_404(found, pk=homework)


def _submission(request: HttpRequest, submission: UUID) -> Submission:
    return get_object_or_404(Submission.objects.select_related("homework__subject", "pupil"), pk=submission)


def _attachment(request: HttpRequest, attachment: UUID) -> Attachment:
    found = Attachment.objects.select_related("entry__session", "homework", "submission__homework", "step__plan")
    return get_object_or_404(found, pk=attachment)


# --- a teacher's session -----------------------------------------------------------------------------------------
@access("lessons.write", find_session)
def session_log(request: HttpRequest, session: Session) -> HttpResponse:
    """What was done, and what is to do, on one page; content is saved as one types."""
    return _session_page(request, session)


def _session_page(request: HttpRequest, session: Session, *, content=None, homework=None, theirs=None,
                  documents_form=None, status=200):  # fmt: skip
    entry = getattr(session, "entry", None)
    works = list(session.homework.filter(withdrawn_at=None).select_related("subject"))
    joined = Attachment.objects.filter(Q(entry=entry, entry__isnull=False) | Q(homework__in=works))
    for work in works:
        work.files = [one for one in joined if one.homework_id == work.pk]
    coming = queries.next_sessions(session)
    near = queries.near_days(zone_of(request), session.own_days)
    load = queries.load_of(session, {*(one.day for one in coming), *near})
    habit = {"publish": session.habit or "end"}
    limit, tests = (int(request.in_force[key].value) for key in ("workload_minutes", "tests_a_day"))
    initial, hides = habit, entry is not None and entry.hides_note_from(request.acting.person_id)
    if entry:
        initial = {"content": typed(entry.content), "private_note": "" if hides else entry.private_note,
                   "based_on": entry.version, "publish": actions.choice_of(entry, session),
                   "publish_on": entry.publish_at}  # fmt: skip
    return render(request, "lessons/session.html", {
        "session": session, "entry": entry, "theirs": theirs, "as_typed": content is not None,
        "content": content or forms.ContentForm(initial=initial, hides_note=hides),
        "homework": homework or forms.HomeworkForm(initial=habit, next_sessions=coming),
        "coming": [(one, load[one.day], load[one.day].is_full(limit, tests)) for one in coming],
        "days": [(load[day], load[day].is_full(limit, tests)) for day in near],
        "divisions": zip(session.division_ids, session.division_codes, strict=True),
        "limit": limit, "works": works, "files": [one for one in joined if one.entry_id],
        "documents": documents_form or forms.DocumentsForm(), "parallel": parallel(session, request.acting.person_id),
        "is_late": _is_quiet(request),
    }, status=status)  # fmt: skip


def _is_quiet(request: HttpRequest) -> bool:
    """Whether it is now within the school's quiet hours: showing the work next morning is proposed."""
    quiet, now = request.in_force["quiet_hours"].value, f"{timezone.localtime():%H:%M}"
    begins, ends = quiet["from"], quiet["to"]
    return begins <= now or now < ends if begins > ends else begins <= now < ends


@access("lessons.write", find_session)
@require_POST
def save_content(request: HttpRequest, session: Session) -> HttpResponse:
    """Save the content: by the page, or by a script while one types (JSON)."""
    entry = getattr(session, "entry", None)
    hides = entry is not None and entry.hides_note_from(request.acting.person_id)
    form = forms.ContentForm(request.POST, hides_note=hides)
    wants_json = "application/json" in request.headers.get("Accept", "")
    if not form.is_valid():
        if wants_json:
            words = " ".join(str(one) for those in form.errors.values() for one in those)
            return JsonResponse({"status": "refused", "message": f"Pas enregistré. {words}"}, status=400)
        return _session_page(request, session, content=form, status=400)
    found = form.cleaned_data
    try:
        entry = actions.write(session, request.acting.person_id, content=found["content"],
                              private_note=found.get("private_note", ""), based_on=found["based_on"],
                              publish=found["publish"], publish_on=found["publish_on"])  # fmt: skip
    except actions.ChangedMeanwhile:
        theirs = LessonEntry.objects.select_related("author").get(session=session)
        words = (
            f"{theirs.author.formal_name if theirs.author else 'Quelqu’un'} a enregistré un autre contenu entre-temps."
        )
        if wants_json:
            return JsonResponse({"status": "conflict", "message": words, "version": theirs.version,
                                 "content": typed(theirs.content)}, status=409)  # fmt: skip
        return _session_page(request, session, content=form, theirs=theirs, status=409)
    at = timezone.localtime(entry.saved_at)
    if wants_json:
        return JsonResponse({"status": "saved", "message": f"Enregistré à {at:%-H h %M}", "version": entry.version})
    messages.success(request, f"Le contenu est enregistré à {at:%-H h %M}.")
    return redirect("lessons:session", session.pk)


@access("lessons.write", find_session)
@require_POST
def give(request: HttpRequest, session: Session) -> HttpResponse:
    """Give work to the class."""
    form = forms.HomeworkForm(
        request.POST, request.FILES, next_sessions=queries.next_sessions(session),
        days=queries.near_days(zone_of(request), session.own_days), why_off=_why_off(request),
    )  # fmt: skip
    if not form.is_valid():
        return _session_page(request, session, homework=form, status=400)
    found = form.cleaned_data
    if "morning" in request.POST:
        found["publish"] = "morning"
    if found["is_test"]:
        _warn_of_tests(request, session, found["day"])
    actions.give(
        session, request.acting.person_id, content=found["work"], due_on=found["day"], due_session=found["session"],
        minutes=found["minutes"], is_test=found["is_test"], takes_files=found["takes_files"],
        publish=found["publish"], publish_on=found["publish_on"], files=found["files"], link=found["link"],
    )  # fmt: skip
    messages.success(request, f"Le travail est donné pour le {dated(found['day'])}.")
    return redirect("lessons:session", session.pk)


def _warn_of_tests(request: HttpRequest, session: Session, day: date) -> None:
    """More tests on a day than the school advises is said, not refused."""
    most = int(request.in_force["tests_a_day"].value)
    there = queries.load_of(session, [day])[day].tests
    if there >= most:
        messages.warning(request, f"Ces élèves ont déjà {there} contrôle{'s' if there > 1 else ''} le {dated(day)} : "
                                  f"{most} au plus par jour, c'est ce que demande l'établissement. Vous pouvez changer "
                                  "de date.")  # fmt: skip


@access("lessons.write", find_session)
@require_POST
def copy(request: HttpRequest, session: Session) -> HttpResponse:
    """Take the content and the work of another session of one's own."""
    asked = request.POST.get("source", "")
    source = queries.copy_source(session, request.acting.person_id, asked) if is_uuid(asked) else None
    if source is None:
        messages.error(request, "Choisissez la séance à recopier.")
    else:
        actions.copy(source, session, request.acting.person_id, _why_off(request))
        messages.success(request, "Le contenu et le travail sont recopiés.")
    return redirect("lessons:session", session.pk)


def _why_off(request: HttpRequest):
    zone = zone_of(request)
    return lambda day: why_not_on(day, zone)


@access("lessons.write", find_session)
@require_POST
def copy_to(request: HttpRequest, session: Session) -> HttpResponse:
    """« Copier vers 5eA »: this content and this work, for the next session of a parallel class."""
    asked = request.POST.get("target", "")
    target = next((one for one in parallel(session, request.acting.person_id) if str(one.pk) == asked), None)
    if target is None:
        messages.error(request, "Cette séance a déjà un contenu, ou n'est plus la vôtre : ouvrez-la pour la changer.")
        return redirect("lessons:session", session.pk)
    actions.copy(session, target, request.acting.person_id, _why_off(request))
    messages.success(request, f"Copié vers {target.audience}. Vous êtes sur cette séance : relisez les dates.")
    return redirect("lessons:session", target.pk)


@access("lessons.write", find_session)
@require_POST
def add_documents(request: HttpRequest, session: Session) -> HttpResponse:
    """Documents and links beside the content."""
    form = forms.DocumentsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _session_page(request, session, documents_form=form, status=400)
    actions.join(session, request.acting.person_id, form.cleaned_data["files"], form.cleaned_data["link"])
    messages.success(request, "C'est joint à la séance.")
    return redirect("lessons:session", session.pk)


def is_meant(request: HttpRequest) -> bool:
    """The page's own button was pressed: nothing is removed by a bare address."""
    return request.POST.get("confirmed") == "1"


def _changed_file(request: HttpRequest, one: Attachment) -> HttpResponse:
    if one.submission_id and not one.is_return:
        raise PermissionDenied
    session = one.entry.session_id if one.entry else one.homework.given_in_id if one.homework else None
    if session:
        return redirect("lessons:session", session)
    return redirect("lessons:plan", one.step.plan_id) if one.step else redirect("home")


@access("lessons.change_file", _attachment)
@require_POST
def describe(request: HttpRequest, one: Attachment) -> HttpResponse:
    """What an image shows."""
    answer = _changed_file(request, one)
    actions.describe(one, request.POST.get("alt", "").strip())
    messages.success(request, "La description est enregistrée.")
    return answer


@access("lessons.change_file", _attachment)
@require_POST
def remove_file(request: HttpRequest, one: Attachment) -> HttpResponse:
    """A document joined by mistake."""
    answer = _changed_file(request, one)
    if not is_meant(request):
        return answer
    one.delete()
    messages.success(request, f"« {one.name} » est retiré.")
    return answer


@access("lessons.correct", find_homework)
def edit(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Change work already given, or publish a draft."""
    session = homework.given_in
    initial = {"work": typed(homework.content), "publish": actions.choice_of(homework, session)} | {
        name: getattr(homework, name) for name in ("due_on", "minutes", "is_test", "takes_files")
    }
    initial["publish_on"] = homework.publish_at
    form = forms.EditForm(request.POST or None, initial=initial, why_off=_why_off(request))
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        is_moved = found["due_on"] != homework.due_on or not homework.is_test
        if found["is_test"] and is_moved and session:
            _warn_of_tests(request, session, found["due_on"])
        actions.edit(homework, content=found.pop("work"), **found)
        messages.success(request, "Le travail est enregistré.")
        return redirect("lessons:session", homework.given_in_id) if homework.given_in_id else redirect("home")
    limit, tests = (int(request.in_force[key].value) for key in ("workload_minutes", "tests_a_day"))
    load = queries.load_of(session, queries.near_days(zone_of(request), homework.own_days)) if session else {}
    days = [(load[day], load[day].is_full(limit, tests)) for day in sorted(load)]
    return render(request, "lessons/edit.html", {"homework": homework, "form": form, "days": days, "limit": limit},
                  status=400 if form.errors else 200)  # fmt: skip


@access("lessons.correct", find_homework)
@require_POST
def withdraw(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Work given by mistake."""
    actions.withdraw(homework)
    messages.success(request, "Le travail est retiré.")
    return redirect("lessons:session", homework.given_in_id) if homework.given_in_id else redirect("home")


@access("lessons.correct", find_homework)
def copies(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Who handed in, and what."""
    pupils = Person.objects.filter(pk__in=actions.pupils_of_homework(homework)).order_by("sort_key", "pk")
    found = queries.copies_of(homework, pupils)
    handed = [one for one in found if one.submission]
    return render(request, "lessons/copies.html", {
        "homework": homework, "copies": found, "handed": len(handed),
        "to_read": [one for one in handed if not one.submission.returned_at],
        "returned": [one for one in handed if one.submission.returned_at],
        "missing": [one for one in found if not one.submission],
    })  # fmt: skip


@access("lessons.correct", _submission)
def give_back(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Read a copy and return it."""
    form = forms.ReturnForm(request.POST or None, request.FILES or None,
                            initial={"comment": submission.comment})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        actions.give_back(
            submission, request.acting.person_id, form.cleaned_data["comment"], form.cleaned_data["files"]
        )
        messages.success(request, f"La copie {of(str(submission.pupil))} est rendue.")
        return redirect("lessons:copies", submission.homework_id)
    return render(request, "lessons/give_back.html", {
        "submission": submission, "form": form, "files": submission.attachments.all()
    }, status=400 if form.errors else 200)  # fmt: skip


@access("lessons.open_file", _attachment)
@require_GET
def attachment(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """A document, to its readers only; what a browser could run is downloaded, never shown."""
    if attachment.submission_id and not request.user.has_perm("lessons.open_copy", attachment):
        raise PermissionDenied
    if attachment.step and not request.user.has_perm("lessons.read_plan", PlanToRead(attachment.step.plan)):
        raise PermissionDenied
    if attachment.link:
        return redirect(attachment.link)
    return documents.served(attachment.file, attachment.name)
