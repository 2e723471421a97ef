"""Who may do what: one matrix of role × action → scope, asked through `user.has_perm(action, object)`.

A module declares its rights in `access.py`:

    right("people.view_person", "Voir la fiche d'une personne", {Role.TEACHER: Scope.TAUGHT, Role.CPE: Scope.SCHOOL})

and says what a scope means for its objects:

    @relation(Person, Scope.TAUGHT)
    def taught(acting, person): …  # the rows that make it so, or whether it is so

The rights page, the answer to "why can X see Y?" and the isolation test read the same matrix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from uuid import UUID

import rules
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string
from rest_framework.permissions import BasePermission


class Role(models.TextChoices):
    """What someone is, at one host, in the profile they act in."""

    PUPIL = "pupil", "Élève"
    GUARDIAN = "guardian", "Responsable légal"
    TEACHER = "teacher", "Enseignant"
    FORM_TUTOR = "form_tutor", "Professeur principal"
    CPE = "cpe", "CPE"
    AED = "aed", "Assistant d'éducation"
    AESH = "aesh", "AESH"
    LIBRARIAN = "librarian", "Professeur documentaliste"
    PSY_EN = "psy_en", "Psychologue (PsyEN)"
    NURSE = "nurse", "Infirmier ou infirmière"
    SOCIAL_WORKER = "social_worker", "Assistant de service social"
    SCHOOL_HEAD = "school_head", "Chef d'établissement"
    DEPUTY_HEAD = "deputy_head", "Adjoint au chef d'établissement"
    OFFICE = "office_staff", "Secrétariat et gestion"
    SCHOOL_ADMIN = "school_admin", "Administrateur de l'ENT"
    OTHER = "other", "Autre personnel"
    ACADEMY_ADMIN = "administrator", "Administrateur de la plateforme"
    ACADEMY_PILOT = "pilot", "Pilote du déploiement"
    MANAGER = "manager", "Responsable de collectivité"
    OFFICER = "officer", "Agent de collectivité"
    GUEST = "guest", "Invité en lecture"


PLATFORM_ROLES = (Role.ACADEMY_ADMIN, Role.ACADEMY_PILOT, Role.MANAGER, Role.OFFICER, Role.GUEST)
HEADS = (Role.SCHOOL_HEAD, Role.DEPUTY_HEAD)
# Student life and those who care for every pupil.
WHOLE_SCHOOL_STAFF = (Role.CPE, *HEADS, Role.OFFICE, Role.SCHOOL_ADMIN)
EDUCATION_STAFF = (Role.AED, Role.AESH, Role.LIBRARIAN, Role.PSY_EN, Role.NURSE, Role.SOCIAL_WORKER)
STAFF = (*WHOLE_SCHOOL_STAFF, *EDUCATION_STAFF, Role.TEACHER, Role.FORM_TUTOR, Role.OTHER)


class Scope(models.TextChoices):
    """How far a right reaches."""

    OWN = "own", "soi-même ou son enfant"
    TAUGHT = "taught", "ses élèves"
    CLASS = "class", "sa classe (professeur principal)"
    COLLEAGUES = "colleagues", "ses collègues"
    LED = "led", "ses séances"
    AUTHORED = "authored", "ce qu'on a écrit ou demandé soi-même"
    ENTRUSTED = "entrusted", "ce que le chef d'établissement a confié"
    SCHOOL = "school", "tout l'établissement"
    SEEN_AUTHORITIES = "seen", "les établissements de ses collectivités"
    GRANTED_AUTHORITIES = "granted", "les établissements où agir lui est accordé"
    ACADEMY = "academy", "toute l'académie"


# What a family sees: the pupil their own, a guardian their children's.
FAMILY = {Role.GUARDIAN: Scope.OWN, Role.PUPIL: Scope.OWN}
# Teachers with their pupils, and form tutors with those of their class.
NEAR = {Role.TEACHER: Scope.TAUGHT, Role.FORM_TUTOR: Scope.CLASS}


@dataclass(frozen=True)
class Acting:
    """Who is asking: the person of this school (or officer) an account acts as, and their roles."""

    person_id: UUID | None = None
    name: str = ""
    initials: str = ""
    profile: str = ""
    roles: frozenset[str] = frozenset()
    # Of an officer: the collectivities seen, and those acted for, by primary key. None: all of them.
    sees: frozenset[int] | None = frozenset()
    acts: frozenset[int] | None = frozenset()
    # Of an officer: the collectivity they belong to; None for the academy's.
    authority: int | None = None
    # The page where they must first prove who they are (second factor); until then they hold no right at all.
    must_prove: str = ""
    # Other people this account is, here or elsewhere.
    identities: tuple = field(default=(), compare=False)
    # What was found out in this request: whether an object is within a scope, by scope, type and key.
    reached: dict[tuple[Scope, type, Any], bool] = field(default_factory=dict, compare=False, repr=False)

    @property
    def roles_label(self) -> str:
        """« Enseignant, professeur principal »."""
        labels = [Role(role).label for role in Role.values if role in self.roles]
        return (
            ", ".join(
                [labels[0], *(label[0].lower() + label[1:] if label[:3] != "CPE" else label for label in labels[1:])]
            )
            if labels
            else ""
        )


NOBODY = Acting()


@dataclass(frozen=True)
class Right:
    """One action and, per role, how far it reaches."""

    name: str
    label: str
    scopes: Mapping[Role, Scope]


# What puts an object within a scope: the rows that tie it to who is asking (each says itself in French), or whether.
Tie = models.QuerySet | bool

RIGHTS: dict[str, Right] = {}
CHAPTERS: dict[str, str] = {}
_relations: dict[tuple[type, Scope], Callable[[Acting, Any], Tie]] = {}


def chapter(prefix: str, label: str) -> None:
    """Name the part of the matrix where the rights `prefix.…` stand."""
    CHAPTERS[prefix] = label


def right(name: str, label: str, scopes: Mapping[Role, Scope]) -> None:
    """Declare an action: who may do it, how far. Asked as `user.has_perm(name, object)`."""
    RIGHTS[name] = Right(name, label, scopes)

    @rules.predicate(name=name)
    def holds(user, obj=None) -> bool:
        acting, granted = acting_as(user), reasons(user, name)
        return bool(granted) if obj is None else any(_reaches(acting, scope, obj) for _, scope in granted)

    rules.add_perm(name, holds)


def relation(model: type, scope: Scope):
    """Say when an object is within a scope: a function of (acting, object) that returns a `Tie`."""

    def register(function):
        _relations[(model, scope)] = function
        return function

    return register


def reasons(user, name: str, obj: Any = None) -> list[tuple[Role, Scope]]:
    """Why a user holds a right over an object: each (role, scope) that grants it; empty when nothing does.

    Without an object: the roles that hold the right at all, whatever its reach.
    """
    acting = acting_as(user)
    granted = [(role, scope) for role, scope in RIGHTS[name].scopes.items() if role in acting.roles]
    if obj is None:
        return granted
    return [(role, scope) for role, scope in granted if _reaches(acting, scope, obj)]


@dataclass(frozen=True)
class Ground:
    """One reason why a right holds: the role, how far it reaches, and what ties the object to who is asking."""

    role: Role
    scope: Scope
    ties: tuple[str, ...] = ()


def grounds(user, name: str, obj: Any) -> list[Ground]:
    """The `reasons`, each with the rows that grant it, in words."""
    acting = acting_as(user)
    return [Ground(role, scope, _ties(acting, scope, obj)) for role, scope in reasons(user, name, obj)]


def reach(user, name: str) -> set[Scope]:
    """The scopes in which a user holds a right: what lists are cut to."""
    return {scope for _, scope in reasons(user, name)}


def _reaches(acting: Acting, scope: Scope, obj: Any) -> bool:
    if scope in (Scope.SCHOOL, Scope.ACADEMY):
        return True
    tied = _relations.get((type(obj), scope))
    if tied is None:
        return False
    asked = (scope, type(obj), obj.pk)
    if asked not in acting.reached:
        found = tied(acting, obj)
        acting.reached[asked] = found.exists() if isinstance(found, models.QuerySet) else bool(found)
    return acting.reached[asked]


def _ties(acting: Acting, scope: Scope, obj: Any) -> tuple[str, ...]:
    tied = _relations.get((type(obj), scope))
    found = tied(acting, obj) if tied and scope != Scope.SCHOOL else False
    return tuple(str(row) for row in found) if isinstance(found, models.QuerySet) else ()


def acting_as(user) -> Acting:
    """The person an account acts as on this host; nobody for a visitor."""
    return getattr(user, "acting", None) or NOBODY


class AccessMiddleware:
    """Sets `request.user.acting`, on first use, from the account and the profile chosen in this session."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting = SimpleLazyObject(lambda: resolve(request))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        """Nothing to check here: views say what they need. The user learns whom it acts as, asked for once."""
        if request.user.is_authenticated:
            request.user.acting = request.acting


def attach(user, request: HttpRequest) -> None:
    """Give an account the person it acts as in this request (also called for API tokens)."""
    if user.is_authenticated:
        user.acting = request.acting = SimpleLazyObject(lambda: resolve(request, user))


def resolve(request: HttpRequest, user=None) -> Acting:
    """Ask the layer in force who the account is there."""
    user = user or request.user
    if not user.is_authenticated:
        return NOBODY
    resolver = "ent.school.people.identity.resolve" if request.school else "platform_admin.identity.resolve"
    chosen = request.session.get("acting_as") if hasattr(request, "session") else None
    return import_string(resolver)(user, request.school, chosen)


def access(permission: str, get: Callable[..., Any] | None = None):
    """A view that needs a right: over the object `get(request, **kwargs)` finds (404 if none), or at all.

    The object is the view's second argument. Visitors are sent to sign in; others get 403.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if acting_as(request.user).must_prove:
                return _to_proof(request)
            obj = get(request, **kwargs) if get else None
            if not request.user.has_perm(permission, obj):
                raise PermissionDenied
            return view(request, obj) if get else view(request, **kwargs)

        guarded.permission, guarded.open_reason = permission, ""
        return guarded

    return decorate


def _to_proof(request: HttpRequest) -> HttpResponse:
    """To the page of the second factor, and back to what was asked for."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else settings.CONSOLE_URL
    return redirect_to_login(back, acting_as(request.user).must_prove)


def signed_in(reason: str, *, before_proof: bool = False):
    """A view for anyone who is signed in on this host; says why it needs no right.

    Open to who still has to prove who they are only where that is said.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if not before_proof and acting_as(request.user).must_prove:
                return _to_proof(request)
            return view(request, **kwargs)

        guarded.permission, guarded.open_reason, guarded.needs_session = "", reason, True
        return guarded

    return decorate


def open_to_all(reason: str):
    """A view for visitors too; says why."""

    def decorate(view):
        view.permission, view.open_reason, view.needs_session = "", reason, False
        return view

    return decorate


# What a key may be cut to, per layer: {"platform": {"waves": "Vagues"}, "school": {…}}.
API_SCOPES: dict[str, dict[str, str]] = {"school": {}, "platform": {}}


def api_scope(layer: str, name: str, label: str) -> str:
    """Declare a part of a layer's API that a key may be cut to; a view set names its own in `scope`."""
    API_SCOPES[layer][name] = label
    return name


class ApiPermission(BasePermission):
    """The same question for the API: a view set names its right per operation in `permissions`."""

    def has_permission(self, request, view) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        allowed, scope = getattr(request.auth, "scopes", None), getattr(view, "scope", None)
        if allowed and scope not in allowed:
            return False
        if not hasattr(request.user, "acting"):
            attach(request.user, request._request)
        asked = self._right(request, view)
        # A method that the view does not have: the view answers 405 itself.
        return asked is None or request.user.has_perm(asked)

    def has_object_permission(self, request, view, obj) -> bool:
        return request.user.has_perm(self._right(request, view), obj)

    def _right(self, request, view) -> str | None:
        action = getattr(view, "action", None) or request.method.lower()
        handled = hasattr(view, request.method.lower()) and action != "metadata"
        return view.permissions[action] if handled else None
