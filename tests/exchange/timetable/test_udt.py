"""UnDeuxTemps archives, all invented from the fields public readers know: no sample was at hand."""

import contextlib
import io
import zipfile
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable import archive
from ent.exchange.timetable.schedule import PupilInGroup, Schedule, Unreadable
from ent.exchange.timetable.udt import read as read_udt

SLOTS = [("08:00", "08:30"), ("08:30", "09:00"), ("09:00", "09:30"), ("13:30", "14:00")]
MEMBERS = {
    "UDCal_24.xml": "<calendrier><annee>2025</annee><debut_eleve>01/09/2025</debut_eleve>"
    "<fin_eleve>03/07/2026</fin_eleve><fermeture debut='20/10/2025' fin='31/10/2025'/></calendrier>",
    "UDCal_00.xml": "<p><init premiere_semaine_ISO='36' duree_seq='3600'/></p>",
    "UDCal_03.xml": "<s><salle code='S1' nom='Salle 1'/></s>",
    "UDCal_04.xml": "<p><prof code='NOE' nom='NOËL' prenom='Zoé' epj='777'/><prof code='BRU' nom='BRUN'/></p>",
    "UDCal_05.xml": "<m><mat code='MATH' libelle='Mathématiques' code_gep1='061300'/><mat code='***'/></m>",
    "UDCal_07.xml": "<d>"
    + "".join(
        f"<demi_seq code='{n}' code_jour='{day}' code_site='1' hre_deb='{start}' hre_fin='{end}'/>"
        for day in range(1, 6)
        for n, (start, end) in enumerate(SLOTS, 1)
    )
    + "</d>",
    "UDCal_08.xml": "<d><div code='6A' libelle='6e A'/><div code='6B' libelle='6e B'/></d>",
    "UDCal_10.xml": "<e><eleve code='1' nom='PETIT' prenom='Lou' naissance='06/05/2013'/></e>",
    "UDCal_11.xml": "<f>"
    + "".join(
        f"<fiche code='{day}{n}' jour='{day}' demi_seq='{n}' site='1'/>" for day in range(1, 6) for n in range(1, 5)
    )
    + "</f>",
    "UDCal_12.xml": "<l><ligfiche code='0011' fic='11' div='6A' mat='MATH' prof='NOE' rgpmt='0' gpe='' salle='S1'/>"
    "<ligfiche code='0021' fic='12' div='6A' mat='MATH' prof='NOE' rgpmt='0' gpe='' salle='S1'/></l>",
    "UDCal_13.xml": "<r><rgpmt code='7' nom='6LAT' code_div='6A' code_gpe='1'/>"
    "<rgpmt code='7' nom='6LAT' code_div='6B' code_gpe=''/></r>",
    "UDCal_19.xml": "<g><gpe code='1' code_div='6A' code_sts='6A-1'/></g>",
    "UDCal_21.xml": "<g><ele_gpe ele='1' code_div='6A' gpe='1'/></g>",
    "UDCal_23.xml": "<c/>",
}


def zipped(members: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return file.getvalue()


def read(**changed: str) -> Schedule:
    """The small school, with some members (named by their number) replaced."""
    named = {f"UDCal_{key.strip('_')}.xml": content for key, content in changed.items()}
    return read_udt(zipped(MEMBERS | named))


def test_two_half_sequences_are_one_lesson():
    schedule = read()
    [lesson] = schedule.lessons
    assert (lesson.weekday, lesson.starts, lesson.ends) == (1, time(8), time(9))
    assert (lesson.subject, lesson.teachers, lesson.divisions) == ("MATH", ("NOE",), ("6A",))
    assert lesson.rooms == ("S1",)
    assert schedule.oddities == ()
    assert (schedule.starts_on, schedule.ends_on) == (date(2025, 9, 1), date(2026, 7, 3))
    assert schedule.subjects["MATH"].code == "061300"


def test_closed_weeks_have_no_lesson():
    [lesson] = read().lessons
    assert not lesson.weeks & {date(2025, 10, 20), date(2025, 10, 27)}
    assert len(lesson.weeks) == 42


def test_a_week_with_its_own_file_replaces_the_ordinary_one():
    own = "<l><ligfiche code='1' fic='11' div='6B' mat='MATH' prof='BRU' rgpmt='0' gpe='' salle=''/></l>"
    lessons = {lesson.divisions: lesson for lesson in read(_12_37=own).lessons}
    assert lessons["6B",].weeks == {date(2025, 9, 8)}
    assert date(2025, 9, 8) not in lessons["6A",].weeks


def test_a_lesson_that_stays_in_a_weekly_file_is_the_same_one():
    ordinary, merged = read().lessons, read(_12_37=MEMBERS["UDCal_12.xml"]).lessons
    assert [lesson.weeks for lesson in merged] == [lesson.weeks for lesson in ordinary]
    assert [lesson.key for lesson in merged] == [lesson.key for lesson in ordinary]


def test_a_week_outside_the_year_is_told():
    assert any("n'est pas dans l'année" in oddity.what for oddity in read(_12_31=MEMBERS["UDCal_12.xml"]).oddities)


def test_a_meal_between_two_sequences_makes_two_lessons():
    lines = "".join(
        f"<ligfiche code='{n}' fic='1{n}' div='6A' mat='MATH' prof='NOE' rgpmt='0' gpe='' salle='S1'/>" for n in (3, 4)
    )
    assert [lesson.starts for lesson in read(_12=f"<l>{lines}</l>").lessons] == [time(9), time(13, 30)]


def test_a_merged_group_stands_for_its_divisions_once():
    lines = "".join(
        f"<ligfiche code='{n}' fic='11' div='{div}' mat='MATH' prof='NOE' rgpmt='7' gpe='' salle='S1'/>"
        for n, div in enumerate(("6A", "6B"))
    )
    schedule = read(_12=f"<l>{lines}</l>")
    [lesson] = schedule.lessons
    assert (lesson.groups, lesson.divisions) == (("rgpmt:6LAT",), ())
    assert schedule.groups["rgpmt:6LAT"].extra == {"divisions": ("6A", "6B")}


def test_pupils_of_a_part_are_in_the_merged_group():
    assert read().pupils_in_groups == {
        group: [PupilInGroup("PETIT", "Lou", date(2013, 5, 6))] for group in ("gpe:6A/1", "rgpmt:6LAT")
    }


def test_co_teachers_are_added():
    [lesson] = read(_23="<c><coens lignefic='0011' prof='BRU'/><coens lignefic='0021' prof='BRU'/></c>").lessons
    assert lesson.teachers == ("BRU", "NOE")


@pytest.mark.parametrize(
    ("member", "content", "said"),
    [
        ("_12", "<l><ligfiche code='1' fic='99' div='6A' mat='MATH' prof='NOE'/></l>", "sans place"),
        ("_12", "<l><ligfiche code='1' fic='11' div='6A' mat='X' prof='NOE'/></l>", "« X » (matière)"),
        ("_12", "<l><ligfiche code='1' fic='11' div='6A' mat='MATH' prof='X'/></l>", "« X » (professeur)"),
        ("_12", "<l><ligfiche code='1' fic='11' div='X' mat='MATH' prof='NOE'/></l>", "« X » (division)"),
        ("_12", "<l><ligfiche code='1' fic='11' div='6A' gpe='9' mat='MATH' prof='NOE'/></l>", "(groupe)"),
        ("_07", "<d><demi_seq code='1' code_jour='1' code_site='1' hre_deb='' hre_fin=''/></d>", "pas d'heures"),
        ("_11", "<f><fiche code='11' jour='9' demi_seq='1' site='1'/></f>", "grille"),
        ("_13", "<r><rgpmt code='7' nom='Z' code_div='6A' code_gpe='9'/></r>", "regroupement"),
        ("_21", "<g><ele_gpe ele='99' code_div='6A' gpe='1'/></g>", "élève inconnu"),
    ],
)
def test_what_is_wrong_is_told(member, content, said):
    oddities = read(**{member: content}).oddities
    assert any(said in oddity.what for oddity in oddities), oddities


def test_names_are_read_in_lower_case_and_in_a_folder():
    members = {f"export/{name.lower()}": content for name, content in MEMBERS.items()}
    assert read_udt(zipped(members)) == read()


@pytest.mark.parametrize("member", ["UDCal_24.xml", "UDCal_07.xml", "UDCal_11.xml", "UDCal_12.xml"])
def test_a_missing_member_is_named(member):
    with pytest.raises(Unreadable, match=member.removesuffix(".xml")):
        read_udt(zipped({name: content for name, content in MEMBERS.items() if name != member}))


@pytest.mark.parametrize("name", ["UDCal_03.xml", "UDCal_10.xml", "UDCal_13.xml", "UDCal_23.xml", "UDCal_00.xml"])
def test_the_other_members_may_be_missing(name):
    assert read_udt(zipped({key: content for key, content in MEMBERS.items() if key != name})).lessons


@pytest.mark.parametrize("path", ["../UDCal_03.xml", "/etc/UDCal_03.xml", "a/../../x", "..\\x", "C:\\x", "\\\\host\\x"])
def test_a_path_that_leaves_the_archive_is_refused(path):
    with pytest.raises(Unreadable, match="chemin interdit"):
        read_udt(zipped(MEMBERS | {path: "<a/>"}))


def test_a_bomb_is_refused_by_what_it_declares():
    with pytest.raises(Unreadable, match="dépasse 60 Mo"):
        read_udt(zipped(MEMBERS | {"UDCal_99.xml": " " * 70_000_000}))


def test_a_bomb_that_lies_about_its_size_is_refused():
    raw = zipped(MEMBERS | {"UDCal_03.xml": "<s>" + " " * 40_000_000 + "</s>"})
    real_size, said = (40_000_007).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert raw.count(real_size) == 2
    with pytest.raises(Unreadable):
        read_udt(raw.replace(real_size, said))


def test_a_member_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_MEMBER", 50)
    with pytest.raises(Unreadable, match="démesuré"):
        read()


def test_too_many_members_are_refused():
    with pytest.raises(Unreadable, match="plus de 500"):
        read_udt(zipped(MEMBERS | {f"{n}.txt": "" for n in range(600)}))


def test_entities_in_a_member_are_refused():
    with pytest.raises(Unreadable, match="entités"):
        read(_03="<!DOCTYPE s [<!ENTITY a 'b'>]><s><salle code='&a;'/></s>")


@pytest.mark.parametrize(
    "calendar",
    ["<c/>", "<c><debut_eleve>1/9/25</debut_eleve><fin_eleve>3/7/2026</fin_eleve></c>",
     "<c><debut_eleve>03/07/2026</debut_eleve><fin_eleve>01/09/2025</fin_eleve></c>"],
)  # fmt: skip
def test_a_year_without_dates_is_refused(calendar):
    with pytest.raises(Unreadable, match="dates de l'année"):
        read(_24=calendar)


def test_an_archive_truncated_is_refused():
    raw = zipped(MEMBERS)
    for at in (4, 100, len(raw) // 2, len(raw) - 10):
        with pytest.raises(Unreadable):
            read_udt(raw[:at])


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data):
    raw = bytearray(zipped(MEMBERS, zipfile.ZIP_STORED))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Unreadable):
        read_udt(bytes(raw))


def test_all_weeks_are_mondays_of_the_year():
    for lesson in read().lessons:
        assert all(week.weekday() == 0 for week in lesson.weeks)
        assert max(lesson.weeks) <= date(2026, 7, 3) < max(lesson.weeks) + timedelta(weeks=1)
