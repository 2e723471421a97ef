"""XML files that anyone may send: read as a stream, with nothing expanded, fetched or kept.

lxml's parser refuses by itself trees too deep and values too long (huge_tree=False); entities are refused here
before the parser meets them, because libxml2 expands those of attributes whatever `resolve_entities` says.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from lxml import etree

from ent.exchange.timetable.schedule import Unreadable, bounded

# A collège's export of 426 pupils is 0.6 MB, so the largest lycée's is some 5 MB.
LARGEST_BYTES = 30_000_000
# No name is longer in any export; columns of the database are at least this wide.
LONGEST = 100
# A lesson, a class with its services, a grid: some hundreds.
MOST_WITHIN = 20_000
_PROLOG = 64 * 1024
_ENTITIES = (
    "Ce fichier définit des entités XML, ce qu'aucun logiciel d'emploi du temps ne fait : il est refusé par sécurité. "
    "Refaites l'export depuis le logiciel."
)
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


class _Source:
    """A binary file that is never read beyond the largest size."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.total = file, 0

    def read(self, size: int = -1) -> bytes:
        """A piece of the file."""
        chunk = self.file.read(size if 0 < size < 1_000_000 else 1_000_000)
        self.total += len(chunk)
        if self.total > LARGEST_BYTES:
            raise Unreadable(
                f"Ce fichier XML dépasse {LARGEST_BYTES // 1_000_000} Mo : ce n'est pas un emploi du temps. "
                "Refaites l'export."
            )
        return chunk


def local(tag: str | bytes) -> str:
    """A tag without its namespace."""
    return str(tag).rpartition("}")[2]


def root(file: BinaryIO) -> tuple[str, dict[str, str]]:
    """The root's name and attributes, reading no further; the file is rewound."""
    for _, element in _events(file, ("start",)):
        file.seek(0)
        return local(element.tag), {key: str(value) for key, value in element.attrib.items()}
    raise _broken("il est vide")


def records(
    file: BinaryIO, wanted: Callable[[tuple[str, ...]], bool]
) -> Iterator[tuple[tuple[str, ...], etree._Element]]:
    """Each finished element whose path (names, root included) is wanted; it is forgotten once used."""
    path: list[str] = []
    inside = within = 0  # depth within an element that is wanted whole, and how many it holds
    for event, element in _events(file, ("start", "end")):
        if event == "start":
            path.append(local(element.tag))
            if inside or wanted(tuple(path)):
                inside, within = inside + 1, within + 1 if inside else 0
                bounded(within, MOST_WITHIN, "éléments dans une seule fiche")
            continue
        inside = max(inside - 1, 0)
        if not inside:
            if wanted(tuple(path)):
                yield tuple(path), element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
        path.pop()


def children(element: etree._Element, tag: str) -> list[etree._Element]:
    """The direct children of that name, in any namespace."""
    return [child for child in element if isinstance(child.tag, str) and local(child.tag) == tag]


def text_of(element: etree._Element, tag: str) -> str:
    """The text of the first child of that name, or ""."""
    return next((" ".join((child.text or "").split())[:LONGEST] for child in children(element, tag)), "")


def attribute(element: etree._Element, name: str) -> str:
    """An attribute without the spaces around it, or ""."""
    return " ".join((element.get(name) or "").split())[:LONGEST]


def _events(file: BinaryIO, events: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    file.seek(0)
    head = file.read(_PROLOG)
    file.seek(0)
    if b"<!ENTITY" in head.replace(b"\0", b"").upper():
        raise Unreadable(_ENTITIES)
    parser = etree.iterparse(_Source(file), events=events, remove_comments=True, remove_pis=True, **_SAFE)
    first = True
    try:
        for event, element in parser:
            if first:
                first = False
                subset = element.getroottree().docinfo.internalDTD
                if subset is not None and next(subset.iterentities(), None) is not None:
                    raise Unreadable(_ENTITIES)
            yield event, element
    except etree.XMLSyntaxError as error:
        raise _broken(_cause(error), error.lineno) from error


def _broken(cause: str, line: int | None = None) -> Unreadable:
    where = f" à la ligne {line}" if line and line > 1 else ""
    return Unreadable(f"Ce fichier XML est illisible{where} : {cause}. Refaites l'export, puis rechargez-le.")


def _cause(error: etree.XMLSyntaxError) -> str:
    text = str(error).lower()
    causes = (
        (("empty", "start tag expected", "no element found"), "ce n'est pas du XML"),
        (("encod", "utf-8", "bytes:", "char 0x0", "xmlchar", "pcdata invalid char"), "des caractères sont abîmés"),
        (("entit", "amplification", "loop"), "il contient une entité XML interdite"),
        (("huge", "limit", "too long", "excessive", "depth"), "une valeur est démesurée"),
    )
    return next((cause for words, cause in causes if any(word in text for word in words)), "il est coupé ou abîmé")
