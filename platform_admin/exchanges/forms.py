"""What officers write to schools."""

import re
from datetime import timedelta

from django import forms
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.fields import MomentField
from platform_admin.officers.access import seen_authorities
from platform_admin.rollout.models import Wave
from tenants.liaison.models import Announcement, SupportRequest
from tenants.models import Authority, School, SchoolKind

HOURS_BEFORE = 72
LISTED = 10


class AnnouncementForm(forms.Form):
    """An announcement: who speaks, what, when, to whom."""

    speaker = forms.ChoiceField(label="Au nom de", required=False)
    kind = forms.ChoiceField(label="Nature", choices=Announcement.Kind.choices)
    title = forms.CharField(label="Titre", max_length=120)
    body = forms.CharField(
        label="Texte",
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Du texte seul, sans mise en forme. Il se lit en dépliant l’annonce.",
    )
    shown_from = MomentField(
        required=False, label="Visible à partir de", help_text="D’une information ; vide : tout de suite."
    )
    shown_until = MomentField(required=False, label="Visible jusqu’à", help_text="D’une information.")
    starts_at = MomentField(required=False, label="Début de la maintenance")
    ends_at = MomentField(required=False, label="Fin de la maintenance")
    hours_before = forms.IntegerField(
        label="Annoncée combien d’heures avant",
        required=False,
        min_value=1,
        max_value=24 * 60,
        initial=HOURS_BEFORE,
        help_text="La maintenance reste annoncée jusqu’à sa fin, aussi sur la page d’identification.",
    )
    authorities = forms.MultipleChoiceField(label="Collectivités", required=False, widget=forms.CheckboxSelectMultiple)
    kinds = forms.MultipleChoiceField(
        label="Types d’établissements",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[choice for choice in SchoolKind.choices if choice[0] != SchoolKind.OTHER],
    )
    waves = forms.TypedMultipleChoiceField(
        label="Vagues", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    schools = forms.CharField(
        label="Établissements nommés",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leurs UAI, collés comme ils viennent. Ils s’ajoutent aux choix ci-dessus.",
    )

    def __init__(self, acting: Acting, *args, announcement: Announcement | None = None, **kwargs):
        self.announcement = announcement or Announcement()
        if announcement is not None:
            kwargs["initial"] = _initial(announcement)
        super().__init__(*args, **kwargs)
        self.acting = acting
        spoken_for = Authority.objects.all() if acting.acts is None else Authority.objects.filter(pk__in=acting.acts)
        self.fields["speaker"].choices = (
            [("", "L’académie")] if acting.acts is None else [(one.code, one.name) for one in spoken_for]
        )
        self.fields["speaker"].required = acting.acts is not None
        self.fields["authorities"].choices = [(one.code, one.name) for one in seen_authorities(acting)]
        self.fields["waves"].choices = [(wave.number, wave.name) for wave in Wave.objects.all()]

    def clean_schools(self) -> list[str]:
        """The UAIs of the text, in order, each once; unknown ones are told."""
        typed = list(dict.fromkeys(re.findall(r"[^\s;,]+", self.cleaned_data["schools"].upper())))
        known = set(School.objects.filter(uai__in=typed).values_list("uai", flat=True))
        if unknown := [uai for uai in typed if uai not in known]:
            more = f" et {len(unknown) - LISTED} autres" if len(unknown) > LISTED else ""
            raise forms.ValidationError(
                f"UAI inconnus : {', '.join(unknown[:LISTED])}{more}. Corrigez-les ou ôtez-les."
            )
        return typed

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("kind") == Announcement.Kind.MAINTENANCE:
            self._clean_maintenance(cleaned)
        elif cleaned.get("kind"):
            self._clean_information(cleaned)
        if code := cleaned.get("speaker"):
            cleaned["authority"] = Authority.objects.get(code=code)
            outside = School.objects.filter(uai__in=cleaned.get("schools", ())).exclude(authority__code=code)
            if names := list(outside.values_list("uai", flat=True)[:LISTED]):
                self.add_error("schools", f"Ces établissements ne sont pas de cette collectivité : {', '.join(names)}.")
        return cleaned

    def _clean_maintenance(self, cleaned: dict) -> None:
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        for name in ("starts_at", "ends_at"):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "Dites le jour et l’heure.")
        if not starts or not ends:
            return
        if ends <= starts:
            self.add_error("ends_at", "La fin vient avant le début : vérifiez les heures.")
        elif ends <= timezone.now():
            self.add_error("ends_at", "Cette maintenance est déjà passée : vérifiez la date.")
        cleaned["shown_from"] = starts - timedelta(hours=cleaned.get("hours_before") or HOURS_BEFORE)
        cleaned["shown_until"] = ends

    def _clean_information(self, cleaned: dict) -> None:
        cleaned["starts_at"] = cleaned["ends_at"] = None
        cleaned["shown_from"] = shown_from = cleaned.get("shown_from") or timezone.now()
        until = cleaned.get("shown_until")
        if "shown_until" in self.errors:
            return
        if not until:
            self.add_error("shown_until", "Dites jusqu’à quand l’annonce est visible.")
        elif until <= timezone.now():
            self.add_error("shown_until", "Cette date est passée : personne ne verrait l’annonce.")
        elif until <= shown_from:
            self.add_error("shown_until", "Cette date vient avant le début : vérifiez-les.")

    def filled(self) -> Announcement:
        """The announcement as written here, not yet kept."""
        told, one = self.cleaned_data, self.announcement
        for name in ("kind", "title", "body", "shown_from", "shown_until", "starts_at", "ends_at"):
            setattr(one, name, told[name])
        one.authority = told.get("authority")
        one.audience = {name: told[name] for name in ("authorities", "kinds", "waves", "schools") if told[name]}
        one.author = one.author or self.acting.name
        return one


def _initial(announcement: Announcement) -> dict[str, object]:
    audience = announcement.audience
    initial: dict[str, object] = {
        name: getattr(announcement, name) for name in ("kind", "title", "body", "starts_at", "ends_at")
    }
    initial |= {name: audience.get(name, []) for name in ("authorities", "kinds", "waves")}
    initial["schools"] = "\n".join(audience.get("schools", []))
    initial["speaker"] = announcement.authority.code if announcement.authority else ""
    if announcement.starts_at:
        initial["hours_before"] = round((announcement.starts_at - announcement.shown_from).total_seconds() / 3600)
    else:
        initial |= {"shown_from": announcement.shown_from, "shown_until": announcement.shown_until}
    return initial


class AnswerForm(forms.Form):
    """An answer to a school."""

    text = forms.CharField(label="Votre réponse", max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}))


class FilterForm(forms.Form):
    """Which requests."""

    state = forms.ChoiceField(
        label="État",
        required=False,
        choices=[("", "Non closes"), *SupportRequest.State.choices, ("all", "Toutes")],
    )
    subject = forms.ChoiceField(label="Sujet", required=False, choices=[("", "Tous"), *SupportRequest.Subject.choices])
    authority = forms.ChoiceField(label="Collectivité", required=False)

    def __init__(self, acting: Acting, *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(one.code, one.name) for one in seen_authorities(acting)]
        self.fields["authority"].choices = [("", "Toutes"), *choices]
