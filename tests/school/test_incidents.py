"""An incident has one person who follows it, a next step with its day, and a measure of its own for each party."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from ent.school.conduct.models import Incident, IncidentMeasure, IncidentParty, Punishment, Sanction
from ent.school.notifications.models import Notification
from tests import factories


def incident(**given) -> Incident:
    given = {"kind": "insult", "place": "playground", "happened_at": timezone.now(), "account": "Des insultes.",
             "erase_on": date(2099, 9, 1)} | given  # fmt: skip
    return Incident.objects.create(**given)


def author(of: Incident) -> IncidentParty:
    return IncidentParty.objects.create(incident=of, part="author", person=factories.pupil())


def test_a_cpe_who_reports_an_incident_follows_it_and_a_teacher_does_not(school, sign_in):
    typed = {"kind": "theft", "place": "corridor", "severity": 2, "account": "Un vol.", "part": "victim",
             "happened_at": f"{timezone.localtime() - timedelta(hours=1):%Y-%m-%dT%H:%M}"}  # fmt: skip
    cpe = factories.staff("cpe")
    for person in (cpe, factories.staff("aed")):
        sign_in(person).post(reverse("conduct:new_incident"), typed)
    assert set(Incident.objects.values_list("reported_by", "owner")) >= {(cpe.pk, cpe.pk)}
    assert Incident.objects.filter(owner=None).count() == 1


def test_a_new_owner_is_told_and_finds_it_among_theirs(school, sign_in):
    made, cpe, head = incident(), factories.staff("cpe"), factories.staff("school_head")
    url = reverse("conduct:follow", args=[made.pk])
    typed = {"owner": head.pk, "next_step": "Rencontrer la famille", "next_on": f"{timezone.localdate()}"}
    assert sign_in(cpe).post(url, typed).status_code == 302
    assert "confié" in Notification.objects.get(person=head).title
    mine = reverse("conduct:incidents") + "?show=mine"
    assert "Rencontrer la famille" in sign_in(head).get(mine).text
    assert "Rencontrer la famille" not in sign_in(cpe).get(mine).text
    assert "Rencontrer la famille" in sign_in(head).get("/").text
    assert (
        "Rencontrer la famille" in sign_in(head).get(reverse("conduct:incidents") + "?export=csv").getvalue().decode()
    )


def test_a_step_in_the_past_is_refused_and_what_was_typed_stays(school, sign_in):
    made = incident()
    page = sign_in(factories.staff("cpe")).post(
        reverse("conduct:follow", args=[made.pk]), {"next_step": "Appeler la famille", "next_on": "2026-09-01"}
    )
    assert page.status_code == 400
    assert "Cette date est passée" in page.text
    assert "Appeler la famille" in page.text


def test_each_party_shows_its_own_punishment_sanction_and_measures(school, sign_in):
    made, cpe = incident(), factories.staff("cpe")
    party, other = author(made), author(made)
    Punishment.objects.create(pupil=party.person, kind="apology", reason="Insultes", incident=made,
                              erase_on=date(2099, 9, 1))  # fmt: skip
    Sanction.objects.create(pupil=party.person, kind="warning", reason="Insultes", incident=made,
                            decided_on=timezone.localdate())  # fmt: skip
    client = sign_in(cpe)
    client.post(reverse("conduct:add_measure", args=[other.pk]), {"kind": "mediation", "text": "Avec l'infirmière"})
    assert IncidentMeasure.objects.get().party == other
    page = client.get(reverse("conduct:incident", args=[made.pk])).text
    for words in ("Excuses orales ou écrites (punition)", "Avertissement (sanction)", "Médiation"):
        assert page.count(words) == 1 + (words == "Médiation") * 2  # and once in each form's choices
    aed = factories.staff("aed")
    Incident.objects.update(reported_by=aed)
    assert "Avertissement (sanction)" not in sign_in(aed).get(reverse("conduct:incident", args=[made.pk])).text


def test_who_neither_reported_nor_follows_an_incident_adds_nobody(school, sign_in):
    made = incident(reported_by=factories.staff("aed"))
    tutor_of = factories.division()
    IncidentParty.objects.create(incident=made, part="author", person=factories.pupil(division=tutor_of))
    tutor = sign_in(factories.staff(tutors=tutor_of))
    tutor.post(reverse("conduct:add_party", args=[made.pk]), {"part": "witness", "outsider": "Un passant"})
    assert made.parties.count() == 1
