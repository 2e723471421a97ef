"""What one types of a weekly lesson."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_time

from ent.kernel.fields import DayField, HourField
from ent.kernel.text import dated
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, SchoolYear, Subject
from ent.school.timetable.forms import teachers
from ent.school.timetable.models import RecurringLesson, Room, TimeSlot, Weekday, WeekPattern, still_open
from ent.school.timetable.weekly import AS_IN_FILE, Typed, first_day

BOTH = "Choisissez des créneaux de la grille, ou tapez des heures : pas les deux."


def hour_of(text: str) -> time | None:
    """« 08:00 »; nothing where it is nonsense."""
    try:
        return parse_time(text)
    except ValueError:
        return None


class Many(forms.ModelMultipleChoiceField):
    """Several of a list, ticked."""

    widget = forms.CheckboxSelectMultiple


class LessonForm(forms.Form):
    """A weekly lesson: what, who, for whom, where, when, in which weeks, between which dates."""

    subject = forms.ModelChoiceField(
        Subject.objects.order_by("label"), label="Matière", required=False, empty_label="—"
    )
    label = forms.CharField(label="Ou un intitulé", max_length=120, required=False,
                            help_text="Par exemple « Vie de classe ».")  # fmt: skip
    divisions = Many(None, label="Classes", required=False)
    groups = Many(None, label="Groupes", required=False)
    teachers = Many(None, label="Enseignants", required=False)
    rooms = Many(None, label="Salles et matériel", required=False)
    weekday = forms.TypedChoiceField(label="Jour", coerce=int, choices=[one for one in Weekday.choices if one[0] < 7])
    first_slot = forms.ChoiceField(label="Du créneau", required=False)
    last_slot = forms.ChoiceField(label="Jusqu'au créneau", required=False)
    starts = HourField(label="Ou hors grille, de", required=False)
    ends = HourField(label="Hors grille, à", required=False)
    pattern = forms.ChoiceField(label="Semaines", required=False)
    since = DayField(label="À partir du")
    until = DayField(label="Jusqu'au", required=False, help_text="Inclus. Sans date : jusqu'à la fin de l'année.")
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, year: SchoolYear, lesson: RecurringLesson | None = None, at_hour: str = "", **kwargs: Any
    ) -> None:
        self.year, self.lesson = year, lesson
        self.slots = {str(one.pk): one for one in TimeSlot.objects.filter(still_open())}
        kwargs["initial"] = self._initial() | self._from_hour(at_hour) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        mine: dict[str, set] = {"teachers": set(), "rooms": set(), "divisions": set(), "groups": set()}
        if lesson:
            mine = {name: set(kwargs["initial"][name]) for name in mine}
        fields["divisions"].queryset = Division.objects.filter(
            Q(closed_at=None, year=year) | Q(pk__in=mine["divisions"])
        )
        fields["groups"].queryset = Group.objects.filter(Q(closed_at=None, year=year) | Q(pk__in=mine["groups"]))
        # Whom and what the lesson has already may be gone since: it is kept unless one takes it out.
        here = Q(pk__in=teachers().values("pk")) | Q(pk__in=mine["teachers"])
        fields["teachers"].queryset = Person.objects.filter(here).order_by("sort_key")
        fields["teachers"].label_from_instance = lambda one: one.formal_name
        fields["rooms"].queryset = Room.objects.filter(still_open() | Q(pk__in=mine["rooms"]))
        self.had_rooms = mine["rooms"]
        choices = [(key, str(one)) for key, one in self.slots.items()]
        fields["first_slot"].choices = [("", "Hors grille" if choices else "Aucun créneau dans la grille"), *choices]
        fields["last_slot"].choices = [("", "Le même"), *choices]
        fields["pattern"].choices = WeekPattern.choices
        if lesson and lesson.weeks is not None:
            named = f"Les {len(lesson.weeks)} semaines du fichier importé"
            fields["pattern"].choices = [(AS_IN_FILE, named), *WeekPattern.choices]
        if lesson:
            fields["since"].label = "Ce changement vaut à partir du"
            fields["since"].help_text = "Les séances d'avant restent comme elles sont."

    def _initial(self) -> dict[str, Any]:
        today = max(timezone.localdate(), self.year.starts_on)
        if self.lesson is None:
            return {"since": today}
        one: Any = self.lesson
        found = {
            "subject": one.subject_id, "label": one.label, "weekday": one.weekday, "until": one.ends_on,
            "pattern": AS_IN_FILE if one.weeks is not None else one.pattern,
            "since": max(one.starts_on or today, today),
            "teachers": [UUID(row["id"]) for row in one.teacher_rows],
            "rooms": [UUID(row["id"]) for row in one.room_rows],
            "divisions": [UUID(row["division"]) for row in one.audience_rows if row["division"]],
            "groups": [UUID(row["group"]) for row in one.audience_rows if row["group"]],
        }  # fmt: skip
        first = next((key for key, slot in self.slots.items() if slot.starts_at == one.starts_at), "")
        last = next((key for key, slot in self.slots.items() if slot.ends_at == one.ends_at), "")
        if first and last:
            return found | {"first_slot": first, "last_slot": "" if first == last else last}
        return found | {"starts": one.starts_at, "ends": one.ends_at}

    def _from_hour(self, hour: str) -> dict[str, Any]:
        """The line of the grid that begins at « 08:00 »; or the hour itself."""
        starts = hour_of(hour)
        slot = next((key for key, one in self.slots.items() if one.starts_at == starts), None)
        return {"first_slot": slot} if slot else {"starts": starts} if starts else {}

    def clean_since(self) -> date:
        """A day of the year; of a lesson there is already, not a past one."""
        since = self._of_the_year(self.cleaned_data["since"])
        if self.lesson and since < timezone.localdate():
            raise forms.ValidationError(
                "Les séances passées ne changent pas : choisissez aujourd'hui ou un jour à venir."
            )
        return since

    def clean_until(self) -> date | None:
        until = self.cleaned_data["until"]
        return self._of_the_year(until) if until else None

    def _of_the_year(self, day: date) -> date:
        if not self.year.starts_on <= day <= self.year.ends_on:
            first, last = dated(self.year.starts_on, "j F Y"), dated(self.year.ends_on, "j F Y")
            raise forms.ValidationError(f"Cette date est hors de l'année scolaire, qui va du {first} au {last}.")
        return day

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not any(found.get(name) for name in ("divisions", "groups", "teachers")):
            self.add_error("divisions", "Choisissez au moins une classe, un groupe ou un enseignant.")
        if "subject" in found and not found["subject"] and not found.get("label"):
            self.add_error("subject", "Choisissez une matière, ou tapez un intitulé.")
        self._check_hours(found)
        self._check_rooms(found)
        if found.get("since") and found.get("until") and found["until"] < found["since"]:
            self.add_error("until", "La fin doit suivre le début.")
        return found

    def _check_hours(self, found: dict[str, Any]) -> None:
        first, last = self.slots.get(found.get("first_slot", "")), self.slots.get(found.get("last_slot", ""))
        typed = found.get("starts") or found.get("ends")
        if first and typed and (found.get("starts"), found.get("ends")) != (first.starts_at, (last or first).ends_at):
            self.add_error("first_slot", BOTH)
        elif last and not first:
            self.add_error("first_slot", "Choisissez aussi le premier créneau.")
        elif first:
            found["starts"], found["ends"] = first.starts_at, (last or first).ends_at
            if last and last.starts_at < first.starts_at:
                self.add_error("last_slot", "Le dernier créneau doit venir après le premier.")
        elif not found.get("starts") or not found.get("ends"):
            if not {"starts", "ends"} & self.errors.keys():
                self.add_error("first_slot", "Choisissez un créneau de la grille, ou tapez les deux heures.")
        elif found["starts"] >= found["ends"]:
            self.add_error("ends", "La fin doit suivre le début.")

    def _check_rooms(self, found: dict[str, Any]) -> None:
        """A room that closes is not taken beyond; one that the lesson has already is for its planner to change."""
        last = found.get("until") or self.year.ends_on
        for room in found.get("rooms") or ():
            if room.closed_at and timezone.localdate(room.closed_at) <= last and room.pk not in self.had_rooms:
                day = dated(timezone.localtime(room.closed_at), "j F Y")
                self.add_error(
                    "rooms", f"« {room.name} » ferme le {day} : choisissez une autre salle, ou une fin avant."
                )

    @property
    def typed(self) -> Typed:
        """What was typed, once valid."""
        found = self.cleaned_data
        return Typed(
            found["weekday"], found["starts"], found["ends"], first_day(found["since"], found["starts"], self.lesson),
            found["until"], found["pattern"], found["subject"], found["label"], list(found["teachers"]),
            list(found["divisions"]), list(found["groups"]), list(found["rooms"]),
        )  # fmt: skip


class EndForm(forms.Form):
    """The last day of a weekly lesson."""

    last = DayField(label="Dernier jour", help_text="Inclus.")

    def __init__(self, *args: Any, year: SchoolYear, **kwargs: Any) -> None:
        self.year = year
        super().__init__(*args, **kwargs)

    def clean_last(self) -> date:
        last = self.cleaned_data["last"]
        if last > self.year.ends_on:
            raise forms.ValidationError("Cette date est hors de l'année scolaire.")
        if last < timezone.localdate() - timedelta(days=1):
            raise forms.ValidationError("Les séances passées restent : choisissez au plus tôt hier.")
        return last


class FilterForm(forms.Form):
    """Whose weekly lessons."""

    division = forms.ModelChoiceField(None, label="Classe", required=False, empty_label="Toutes")
    group = forms.ModelChoiceField(None, label="Groupe", required=False, empty_label="Tous")
    teacher = forms.ModelChoiceField(None, label="Enseignant", required=False, empty_label="Tous")
    room = forms.ModelChoiceField(Room.objects.all(), label="Salle", required=False, empty_label="Toutes")
    ended = forms.BooleanField(label="Cours terminés aussi", required=False)

    def __init__(self, *args: Any, year: SchoolYear | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["division"].queryset = Division.objects.filter(closed_at=None, year=year)
        fields["group"].queryset = Group.objects.filter(closed_at=None, year=year)
        fields["teacher"].queryset = teachers()
        fields["teacher"].label_from_instance = lambda one: one.formal_name
