"""Pages of lessons and homework."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from ent.accounts.queries import me
from ent.kernel import documents
from ent.kernel.access import Role, Scope, access, reach
from ent.kernel.audit.models import record
from ent.kernel.text import dated, of
from ent.school.lessons import actions, forms, queries
from ent.school.lessons.access import ClassLog, PlanToRead
from ent.school.lessons.documents import log_pdf
from ent.school.lessons.models import Attachment, Homework, LessonEntry, OwnTask, Slide, Submission
from ent.school.lessons.sequences import parallel
from ent.school.lessons.text import typed
from ent.school.people.families import chosen_child
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Enrolment
from ent.school.timetable.changing import why_not_on
from ent.school.timetable.models import Session, SessionAudience
from ent.school.timetable.queries import audience_of, detailed

# Of which a log may be asked: no school has one of another century.
YEARS = range(2000, 2100)


def find_session(request: HttpRequest, session: UUID) -> Session:
    heard = SessionAudience.objects.filter(session=OuterRef("pk")).exclude(division=None)
    found = detailed(Session.objects.all()).annotate(
        division_ids=ArraySubquery(heard.order_by("division__code").values("division")),
        slid_at=Subquery(Slide.objects.filter(session=OuterRef("pk"), undone_at=None).values("at")[:1]),
    )
    return get_object_or_404(found.select_related("entry"), pk=session)


def _homework(request: HttpRequest, homework: UUID) -> Homework:
    return get_object_or_404(Homework.objects.select_related("subject", "author", "given_in"), pk=homework)


def _submission(request: HttpRequest, submission: UUID) -> Submission:
    return get_object_or_404(Submission.objects.select_related("homework__subject", "pupil"), pk=submission)


def _log(request: HttpRequest, division: UUID) -> ClassLog:
    return ClassLog(get_object_or_404(Division.objects.select_related("year"), pk=division))


def _task(request: HttpRequest, task: UUID) -> OwnTask:
    return get_object_or_404(OwnTask, pk=task)


def _attachment(request: HttpRequest, attachment: UUID) -> Attachment:
    found = Attachment.objects.select_related("entry__session", "homework", "submission__homework", "step__plan")
    return get_object_or_404(found, pk=attachment)


def quota_of(request: HttpRequest) -> int:
    return int(request.in_force["storage_quota"].value)


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
    load = queries.load_of(session, [one.day for one in coming])
    limit, tests = (int(request.in_force[key].value) for key in ("workload_minutes", "tests_a_day"))
    hides = entry is not None and entry.hides_note_from(request.acting.person_id)
    initial = {"content": typed(entry.content), "private_note": "" if hides else entry.private_note,
               "based_on": entry.version,
               "publish": actions.choice_of(entry, session)} if entry else {}  # fmt: skip
    return render(request, "lessons/session.html", {
        "session": session, "entry": entry, "theirs": theirs, "as_typed": content is not None,
        "content": content or forms.ContentForm(initial=initial, hides_note=hides),
        "homework": homework or forms.HomeworkForm(next_sessions=coming),
        "coming": [(one, load[one.day], load[one.day].minutes >= limit or load[one.day].tests >= tests)
                   for one in coming],
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
                              publish=found["publish"])  # fmt: skip
    except actions.ChangedMeanwhile:
        theirs = LessonEntry.objects.select_related("author").get(session=session)
        words = (
            f"{theirs.author.formal_name if theirs.author else 'Quelqu’un'} a enregistré un autre contenu entre-temps."
        )
        if wants_json:
            return JsonResponse({"status": "conflict", "message": f"{words} Rechargez la page."}, status=409)
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
    zone = request.in_force["holiday_zone"].value
    form = forms.HomeworkForm(
        request.POST, request.FILES, next_sessions=queries.next_sessions(session), quota=quota_of(request),
        why_off=lambda day: why_not_on(day, zone),
    )  # fmt: skip
    if not form.is_valid():
        return _session_page(request, session, homework=form, status=400)
    found = form.cleaned_data
    if "morning" in request.POST:
        found["publish"] = "morning"
    most = int(request.in_force["tests_a_day"].value)
    if found["is_test"] and (there := queries.load_of(session, [found["day"]])[found["day"]].tests) >= most:
        messages.warning(request, f"Ces élèves ont déjà {there} contrôle{'s' if there > 1 else ''} ce jour-là : "
                                  f"{most} au plus est conseillé. Vous pouvez changer de date.")  # fmt: skip
    actions.give(
        session, request.acting.person_id, content=found["work"], due_on=found["day"], due_session=found["session"],
        minutes=found["minutes"], is_test=found["is_test"], takes_files=found["takes_files"],
        publish=found["publish"], files=found["files"], link=found["link"],
    )  # fmt: skip
    messages.success(request, f"Le travail est donné pour le {dated(found['day'])}.")
    return redirect("lessons:session", session.pk)


@access("lessons.write", find_session)
@require_POST
def copy(request: HttpRequest, session: Session) -> HttpResponse:
    """Take the content and the work of another session of one's own."""
    sources = {str(one.pk): one for one in queries.copy_sources(session, request.acting.person_id)}
    source = sources.get(request.POST.get("source", ""))
    if source is None:
        messages.error(request, "Choisissez la séance à recopier.")
    else:
        actions.copy(source, session, request.acting.person_id, _why_off(request))
        messages.success(request, "Le contenu et le travail sont recopiés.")
    return redirect("lessons:session", session.pk)


def _why_off(request: HttpRequest):
    zone = request.in_force["holiday_zone"].value
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
    messages.success(request, f"Copié vers {audience_of(target)}. Vous êtes sur cette séance : relisez les dates.")
    return redirect("lessons:session", target.pk)


@access("lessons.write", find_session)
@require_POST
def add_documents(request: HttpRequest, session: Session) -> HttpResponse:
    """Documents and links beside the content."""
    form = forms.DocumentsForm(request.POST, request.FILES, quota=quota_of(request))
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


@access("lessons.correct", _homework)
def edit(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Change work already given, or publish a draft."""
    zone = request.in_force["holiday_zone"].value
    initial = {"work": typed(homework.content), "publish": actions.choice_of(homework, homework.given_in)} | {
        name: getattr(homework, name) for name in ("due_on", "minutes", "is_test", "takes_files")
    }
    form = forms.EditForm(request.POST or None, initial=initial, why_off=lambda day: why_not_on(day, zone))
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        actions.edit(homework, content=found.pop("work"), **found)
        messages.success(request, "Le travail est enregistré.")
        return redirect("lessons:session", homework.given_in_id) if homework.given_in_id else redirect("home")
    return render(request, "lessons/edit.html", {"homework": homework, "form": form},
                  status=400 if form.errors else 200)  # fmt: skip


@access("lessons.correct", _homework)
@require_POST
def withdraw(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Work given by mistake."""
    actions.withdraw(homework)
    messages.success(request, "Le travail est retiré.")
    return redirect("lessons:session", homework.given_in_id) if homework.given_in_id else redirect("home")


@access("lessons.correct", _homework)
def copies(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Who handed in, and what."""
    pupils = Person.objects.filter(pk__in=actions.pupils_of_homework(homework)).order_by("sort_key", "pk")
    found = queries.copies_of(homework, pupils)
    handed = [one for one in found if one.submission]
    return render(request, "lessons/copies.html", {"homework": homework, "copies": found, "handed": len(handed)})


@access("lessons.correct", _submission)
def give_back(request: HttpRequest, submission: Submission) -> HttpResponse:
    """Read a copy and return it."""
    form = forms.ReturnForm(request.POST or None, request.FILES or None, quota=quota_of(request),
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


# --- pupils and families -----------------------------------------------------------------------------------------
@access("lessons.view_own")
def homework(request: HttpRequest) -> HttpResponse:
    """What is to do, day by day, with the time it takes."""
    return _homework_page(request, forms.OwnTaskForm(initial={"due_on": timezone.localdate() + timedelta(days=1)}))


def _homework_page(request: HttpRequest, form, status: int = 200) -> HttpResponse:
    children, child = chosen_child(request)
    today = timezone.localdate()
    days = []
    if child:
        works = queries.homework_of_pupils([child.pk], today, today + timedelta(days=queries.AHEAD))[child.pk]
        is_own = request.acting.profile == Profile.PUPIL
        own = OwnTask.objects.filter(pupil=child, due_on__gte=today) if is_own else ()
        days = queries.days_of(child.pk, works, own)
    return render(request, "lessons/homework.html", {
        "children": children, "child": child, "days": days, "form": form,
        "enrolment": Enrolment.objects.filter(pupil=child, closed_at=None).first() if child else None,
        "week": sum(day.minutes for day in days if day.day < today + timedelta(days=7)),
        "limit": int(request.in_force["workload_minutes"].value), "is_pupil": Role.PUPIL in request.acting.roles,
    }, status=status)  # fmt: skip


@access("lessons.view_homework", _homework)
def work(request: HttpRequest, homework: Homework) -> HttpResponse:
    """One work: what, documents, and for the pupil the way to hand it in."""
    mine = None
    if Role.PUPIL in request.acting.roles:
        handed = Submission.objects.filter(homework=homework, pupil=request.acting.person_id)
        mine = handed.prefetch_related("attachments").first()
    return render(request, "lessons/work.html", {
        "homework": homework, "files": homework.attachments.all(), "mine": mine, "form": forms.HandInForm(),
        "hands_in": homework.takes_files and Role.PUPIL in request.acting.roles and not (mine and mine.returned_at),
        "corrects": request.acting.profile == Profile.STAFF and request.user.has_perm("lessons.correct", homework),
    })  # fmt: skip


@access("lessons.do", _homework)
@require_POST
def tick(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Done, or not: one tap."""
    actions.tick(homework, request.acting.person_id, done=request.POST.get("done") == "1")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"status": "saved"})
    return redirect(f"/homework/#w{homework.pk}")


@access("lessons.do", _homework)
@require_POST
def hand_in(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Hand in a text or files; a receipt says when."""
    form = forms.HandInForm(request.POST, request.FILES, quota=quota_of(request))
    mine = Submission.objects.filter(homework=homework, pupil=request.acting.person_id).first()
    if not homework.takes_files or (mine and mine.returned_at):
        return _given_back(request, homework)
    if not form.is_valid():
        return render(request, "lessons/work.html", {
            "homework": homework, "files": homework.attachments.all(), "mine": mine, "form": form, "hands_in": True,
        }, status=400)  # fmt: skip
    found = form.cleaned_data
    try:
        made = actions.hand_in(homework, request.acting.person_id, found["text"], found["files"])
    except actions.GivenBack:
        return _given_back(request, homework)
    late = ", en retard" if made.is_late else ""
    messages.success(request, f"Votre travail est rendu à {timezone.localtime(made.handed_in_at):%-H h %M}{late}.")
    return redirect("lessons:work", homework.pk)


def _given_back(request: HttpRequest, homework: Homework) -> HttpResponse:
    messages.error(request, "Ce travail ne se rend plus en ligne.")
    return redirect("lessons:work", homework.pk)


@access("lessons.do")
@require_POST
def plan_own(request: HttpRequest) -> HttpResponse:
    """A to-do of one's own, seen by oneself alone."""
    form = forms.OwnTaskForm(request.POST)
    if not form.is_valid():
        return _homework_page(request, form, status=400)
    actions.plan_own(request.acting.person_id, form.cleaned_data["text"], form.cleaned_data["due_on"])
    return redirect("lessons:homework")


@access("lessons.do", _task)
@require_POST
def finish_own(request: HttpRequest, task: OwnTask) -> HttpResponse:
    """One's own to-do is done, or not."""
    actions.finish_own(task, done=request.POST.get("done") == "1")
    return redirect("lessons:homework")


@access("lessons.view_own")
def missed(request: HttpRequest) -> HttpResponse:
    """What one missed while absent: contents, work, documents."""
    children, child = chosen_child(request)
    since = timezone.localdate() - timedelta(days=21)
    found = queries.missed_by(child.pk, since) if child else []
    return render(request, "lessons/missed.html", {"children": children, "child": child, "missed": found})


# --- the log of a class ------------------------------------------------------------------------------------------
@access("lessons.view_log", _log)
def log(request: HttpRequest, found: ClassLog) -> HttpResponse:
    """A class's log over a month; the head endorses it."""
    division = found.division
    first, last = span_of(request, division.year.ends_on)
    is_staff = request.acting.profile == Profile.STAFF
    endorses = request.user.has_perm("lessons.endorse")
    form = forms.EndorseForm(request.POST or None)
    if request.method == "POST" and endorses and form.is_valid():
        made = actions.endorse(division, first, last, form.cleaned_data["comment"], request.acting.person_id)
        record("lessons.endorse", account_id=me(request).pk, object_id=made.pk)
        messages.success(request, "Votre visa est enregistré.")
        return redirect(f"{request.path}?first={first}&last={last}")
    mine = request.acting.person_id if is_staff else None
    entries = queries.log_of(division, first, last, ahead=_sees_whole_school(request), mine=mine)
    return render(request, "lessons/log.html", {
        "division": division, "entries": entries, "first": first, "last": last, "endorses": endorses, "form": form,
        "years": queries.years_of(request.acting, division, whole_school=_sees_whole_school(request)),
        "endorsements": queries.endorsements_of(division) if is_staff else [],
    })  # fmt: skip


def _sees_whole_school(request: HttpRequest) -> bool:
    return Scope.SCHOOL in reach(request.user, "lessons.view_log")


@access("lessons.view_log", _log)
@require_GET
def log_document(request: HttpRequest, found: ClassLog) -> HttpResponse:
    """The class's log of its whole year, as a PDF."""
    division = found.division
    year = division.year
    entries = queries.log_of(division, year.starts_on, year.ends_on)
    body = log_pdf(division, entries, request.school.name)
    named = {"Content-Disposition": f'attachment; filename="cahier-de-textes-{division.pk}.pdf"'}
    return HttpResponse(body, content_type="application/pdf", headers=named)


def span_of(request: HttpRequest, at_most: date | None = None) -> tuple[date, date]:
    """The days of a log that are asked for: the last five weeks, of its year."""

    def asked(name: str) -> date | None:
        try:
            day = parse_date(request.GET.get(name, ""))
        except ValueError:
            return None
        return day if day and day.year in YEARS else None

    coming = timezone.localdate() + timedelta(days=7)
    last = asked("last") or (min(coming, at_most) if at_most else coming)
    first = asked("first") or last - timedelta(days=35)
    return (first, last) if first <= last else (last, first)


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
