"""Pages of pupils and families: what is to do, done, handed in; what was missed."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.views import own_path
from ent.kernel.access import Role, access
from ent.kernel.text import typed_day
from ent.school.lessons import actions, forms, queries
from ent.school.lessons.models import Homework, HomeworkTick, OwnTask, Submission
from ent.school.lessons.views import find_homework
from ent.school.people.families import chosen_child
from ent.school.people.models import Profile
from ent.school.structure.models import Enrolment

# Of what was missed longer ago the class has moved on.
SINCE = timedelta(days=35)


def _task(request: HttpRequest, task: UUID) -> OwnTask:
    return get_object_or_404(OwnTask, pk=task)


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


@access("lessons.view_homework", find_homework)
def work(request: HttpRequest, homework: Homework) -> HttpResponse:
    """One work: what, documents, and for the pupil the way to tick it and to hand it in."""
    return _work_page(request, homework, forms.HandInForm())


def _work_page(request: HttpRequest, homework: Homework, form, status: int = 200) -> HttpResponse:
    mine = is_done = None
    if is_pupil := Role.PUPIL in request.acting.roles:
        handed = Submission.objects.filter(homework=homework, pupil=request.acting.person_id)
        mine = handed.prefetch_related("attachments").first()
        is_done = HomeworkTick.objects.filter(homework=homework, pupil=request.acting.person_id).exists()
    return render(request, "lessons/work.html", {
        "homework": homework, "files": homework.attachments.all(), "mine": mine, "form": form, "is_done": is_done,
        "hands_in": homework.takes_files and is_pupil and not (mine and mine.returned_at),
        "corrects": request.acting.profile == Profile.STAFF and request.user.has_perm("lessons.correct", homework),
    }, status=status)  # fmt: skip


@access("lessons.do", find_homework)
@require_POST
def tick(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Done, or not: one tap."""
    actions.tick(homework, request.acting.person_id, done=request.POST.get("done") == "1")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"status": "saved"})
    back = own_path(request, request.POST.get("next") or "/homework/")
    return redirect(f"{back}#w{homework.pk}")


@access("lessons.do", find_homework)
@require_POST
def hand_in(request: HttpRequest, homework: Homework) -> HttpResponse:
    """Hand in a text or files; a receipt says when."""
    form = forms.HandInForm(request.POST, request.FILES)
    mine = Submission.objects.filter(homework=homework, pupil=request.acting.person_id).first()
    if not homework.takes_files or (mine and mine.returned_at):
        return _given_back(request, homework)
    if not form.is_valid():
        return _work_page(request, homework, form, status=400)
    found = form.cleaned_data
    try:
        made = actions.hand_in(homework, request.acting.person_id, found["text"], found["files"])
    except actions.GivenBack:
        return _given_back(request, homework)
    late, at = ", en retard" if made.is_late else "", timezone.localtime(made.handed_in_at)
    messages.success(request, f"Votre travail est rendu à {at.hour} h {at:%M}{late}.")
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


@access("lessons.do", _task)
@require_POST
def drop_own(request: HttpRequest, task: OwnTask) -> HttpResponse:
    """One's own to-do is no more."""
    actions.drop_own(task)
    return redirect("lessons:homework")


@access("lessons.view_own")
def missed(request: HttpRequest) -> HttpResponse:
    """The days one was absent; of the day asked for: contents, work, documents, on one page."""
    children, child = chosen_child(request)
    since = timezone.localdate() - SINCE
    days = queries.missed_by(child.pk, since) if child else {}
    asked = typed_day(request.GET.get("day", ""))
    return render(request, "lessons/missed.html", {
        "children": children, "child": child, "days": days, "day": asked if asked in days else None,
        "missed": days.get(asked, []), "is_own": request.acting.profile == Profile.PUPIL,
    })  # fmt: skip
