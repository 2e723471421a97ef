"""How fields, numbers and spans of time read."""

from datetime import datetime

import pytest
from django import forms
from django.utils import timezone

from ent.school.timetable.models import TeacherAbsence
from ent.ui.templatetags.french import phone
from ent.ui.templatetags.ui import field


class Asked(forms.Form):
    kind = forms.ChoiceField(choices=[("", "-" * 9), ("a", "Cour")])
    wanted = forms.BooleanField(label="À rendre en ligne")


def test_a_list_of_choices_invites_rather_than_shows_dashes():
    assert '<option value="" selected>Choisir</option>' in field(Asked()["kind"])["widget"]
    assert "Cour" in field(Asked()["kind"])["widget"]


@pytest.mark.parametrize(("number", "said"), [
    ("+33 6 39 98 25 05", "06 39 98 25 05"), ("+33639982505", "0639982505"), ("+351 912 345 678", "+351 912 345 678"),
])  # fmt: skip
def test_a_french_number_reads_as_it_is_dialled(number, said):
    assert phone(number).replace("\N{NO-BREAK SPACE}", " ") == said


def at(day: int, hour: int = 0) -> datetime:
    return timezone.make_aware(datetime(2026, 11, day, hour))


@pytest.mark.parametrize(("starts", "ends", "said"), [
    (at(26), at(29), "du jeudi 26 novembre au samedi 28 novembre"), (at(26), at(27), "le jeudi 26 novembre"),
    (at(26, 8), at(26, 12), "du jeudi 26 novembre, 8 h 00 au jeudi 26 novembre, 12 h 00"),
])  # fmt: skip
def test_whole_days_away_say_no_midnight(starts, ends, said):
    assert TeacherAbsence(starts_at=starts, ends_at=ends).when == said
