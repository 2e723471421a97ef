"""Changes: valid, kept, undone where nothing stands on them; nobody's is lost without being seen."""

import pytest
from django.core.exceptions import ValidationError

from ent.kernel.audit.models import AuditEvent
from ent.kernel.ids import new_id
from tenants.configuration.actions import Author, ChangedMeanwhile, UndoRefused, set_value, undo, unset_value, version
from tenants.configuration.models import Level, SettingChange, SettingValue
from tenants.configuration.queries import ACADEMY, Place, last_change
from tenants.configuration.registry import SETTINGS, Hand
from tests import factories

pytestmark = pytest.mark.usefixtures("platform_db")
ACCENT = SETTINGS["accent"]


@pytest.fixture
def cantal():
    return Place(authority=factories.authority("15", "Cantal"))


@pytest.fixture
def agent():
    return Author(new_id(), "Agent de collectivité, Cantal")


def put(place, value, author, setting=ACCENT):
    return set_value(setting, place, value, read=version(last_change(setting, place)), author=author)


def test_a_change_keeps_who_by_function_what_and_when_and_is_in_the_audit_trail(cantal, agent):
    change = put(cantal, "lava", agent)
    assert (change.before, change.after, change.author) == (None, "lava", "Agent de collectivité, Cantal")
    line = AuditEvent.objects.get(action="settings.change")
    assert line.account_id == agent.account_id
    assert line.details == {
        "key": "accent", "setting": "Couleur", "place": "Cantal", "before": None, "after": "lava",
    }  # fmt: skip


def test_setting_what_stands_already_changes_nothing(cantal, agent):
    put(cantal, "lava", agent)
    assert put(cantal, "lava", agent) is None
    assert SettingChange.objects.count() == 1


def test_the_second_of_two_who_edit_one_setting_is_told_and_nothing_is_lost(cantal, agent):
    read = version(last_change(ACCENT, cantal))
    first = set_value(ACCENT, cantal, "lava", read=read, author=agent)
    with pytest.raises(ChangedMeanwhile) as told:
        set_value(ACCENT, cantal, "plum", read=read, author=agent)
    assert told.value.change == first
    assert SettingValue.objects.get().value == "lava"
    set_value(ACCENT, cantal, "plum", read=version(first), author=agent)
    assert SettingValue.objects.get().value == "plum"


def test_who_read_before_a_value_was_set_and_unset_again_is_told_too(cantal, agent):
    put(cantal, "lava", agent)
    read = version(last_change(ACCENT, cantal))
    unset_value(ACCENT, cantal, read=read, author=agent)
    put(cantal, "broom", agent)
    with pytest.raises(ChangedMeanwhile):
        set_value(ACCENT, cantal, "plum", read=read, author=agent)


def test_two_who_choose_the_same_value_have_nothing_to_settle(cantal, agent):
    set_value(ACCENT, cantal, "lava", read="", author=agent)
    assert set_value(ACCENT, cantal, "lava", read="", author=agent) is None


def test_a_change_is_undone_by_another_one(cantal, agent):
    put(cantal, "lava", agent)
    second = put(cantal, "plum", agent)
    undoing = undo(second, cantal, author=agent)
    assert (undoing.before, undoing.after, undoing.undoes) == ("plum", "lava", second)
    assert SettingValue.objects.get().value == "lava"
    assert AuditEvent.objects.filter(action="settings.undo").count() == 1


def test_undoing_the_first_change_returns_to_what_is_inherited(cantal, agent):
    undo(put(cantal, "lava", agent), cantal, author=agent)
    assert not SettingValue.objects.exists()


def test_a_change_that_a_later_one_stands_on_is_not_undone(cantal, agent):
    first = put(cantal, "lava", agent)
    put(cantal, "plum", agent)
    with pytest.raises(UndoRefused, match="plus récent"):
        undo(first, cantal, author=agent)


def test_once_the_later_change_is_undone_the_one_below_can_be(cantal, agent):
    first = put(cantal, "lava", agent)
    undo(put(cantal, "plum", agent), cantal, author=agent)
    undo(first, cantal, author=agent)
    assert not SettingValue.objects.exists()


def test_a_change_is_undone_once_and_an_undoing_is_not_undone(cantal, agent):
    change = put(cantal, "lava", agent)
    undoing = undo(change, cantal, author=agent)
    with pytest.raises(UndoRefused, match="déjà annulé"):
        undo(change, cantal, author=agent)
    with pytest.raises(UndoRefused, match="annule déjà"):
        undo(undoing, cantal, author=agent)


def test_a_change_elsewhere_does_not_stand_on_this_one(cantal, agent):
    first = put(cantal, "lava", agent)
    put(ACADEMY, "plum", agent)
    put(Place(authority=factories.authority("03", "Allier")), "broom", agent)
    undo(first, cantal, author=agent)


BAD = [
    ("accent", "turquoise", "proposées"), ("accent", ["lava"], "proposées"), ("accent", None, "proposées"),
    ("support_email", "aide chez exemple", "adresse électronique"), ("support_phone", "zéro quatre", "téléphone"),
    ("trail_months", 36, "de 6 à 12 mois"), ("trail_months", "un an", "en chiffres"),
    ("trail_months", True, "chiffres"),
    ("storage_quota", -1, "de 1 à 2000 Go"), ("storage_quota", "1e9", "en chiffres"),
    ("quiet_hours", {"from": "25:00", "to": "07:00"}, "deux heures"), ("quiet_hours", "20:00", "heure"),
    ("quiet_hours", {"from": "20:00", "to": "20:00"}, "différentes"), ("holiday_zone", "D", "proposées"),
    ("closed_modules", ["administration"], "proposées"), ("closed_modules", "people", "proposées"),
    ("closed_modules", [["people"]], "proposées"), ("school_name", "  ", "Tapez un texte"),
    ("school_name", "x" * 81, "81 caractères"), ("sign_in_message", "x" * 501, "501 caractères"),
    ("logo", {"digest": "../../etc/passwd", "width": 1, "height": 1}, "image"), ("logo", "logo.png", "image"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "told"), BAD)
def test_a_value_that_cannot_be_is_refused_in_words(key, value, told, agent):
    with pytest.raises(ValidationError, match=told):
        put(ACADEMY, value, agent, SETTINGS[key])


GOOD = [
    ("quiet_hours", {"from": "7h30", "to": "19:00"}, {"from": "07:30", "to": "19:00"}),
    ("support_phone", " 04 71 00 00 00 ", "04 71 00 00 00"),
    ("storage_quota", " 120 ", 120),
    ("sign_in_message", "Bonjour.\r\n\r\n\r\n\r\nBonne rentrée. ", "Bonjour.\n\nBonne rentrée."),
    ("school_name", "Collège  des\u202e Volcans", "Collège des Volcans"),
    ("closed_modules", ["structure"], ["structure"]),
]


@pytest.mark.parametrize(("key", "typed", "kept"), GOOD)
def test_a_value_is_kept_tidy(key, typed, kept):
    assert SETTINGS[key].clean(typed) == kept


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda one: one.key)
def test_every_setting_has_a_valid_default_and_says_what_it_is_for(setting):
    assert setting.help.endswith(".")
    if setting.default is not None and setting.key != "school_name":
        assert setting.clean(setting.default) == setting.default
    assert setting.shown(setting.default)


def test_only_the_academy_sets_the_quota_and_what_the_law_bounds():
    for key in ("storage_quota", "trail_months", "closed_accounts_months", "exports_days", "holiday_zone"):
        assert not any(
            SETTINGS[key].may_be_set(level, hand) for level in Level for hand in (Hand.AUTHORITY, Hand.SCHOOL)
        )
        assert SETTINGS[key].may_be_set(Level.ACADEMY, Hand.ACADEMY)
