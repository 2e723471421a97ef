"""Elements of an XML file one after the other, in bounded memory, with nothing fetched or expanded."""

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from ent.exchange.timetable.schedule import Unreadable

DAMAGED = "Ce fichier XML est abîmé ou coupé ({reason}) : exportez-le de nouveau, puis rechargez-le."


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def elements(file: BinaryIO, names: frozenset[str]) -> Iterator[tuple[str, etree._Element]]:
    """(name, element) of each complete element of these names, outermost first come; `Unreadable` if damaged.

    Entities are not resolved, and lxml's own limits on depth and size stay in force.
    """
    inside = 0
    try:
        events = etree.iterparse(file, events=("start", "end"), resolve_entities=False, no_network=True,
                                 huge_tree=False, remove_comments=True, remove_pis=True)  # fmt: skip
        for event, element in events:
            name = local(element.tag)
            if name not in names:
                continue
            if event == "start":
                inside += 1
                continue
            inside -= 1
            if inside == 0:
                yield name, element
                element.clear(keep_tail=False)
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED.format(reason=f"ligne {error.lineno}")) from error
    except (UnicodeError, LookupError, ValueError) as error:
        raise Unreadable(DAMAGED.format(reason="codage des caractères")) from error


def root(file: BinaryIO) -> tuple[str, dict[str, str]]:
    """Name and attributes of the root; ("", {}) where it is no XML. The file is left at its beginning."""
    file.seek(0)
    try:
        for _, element in etree.iterparse(file, events=("start",), resolve_entities=False, no_network=True):
            return local(element.tag), {key: str(value) for key, value in element.attrib.items()}
    except (etree.XMLSyntaxError, UnicodeError, LookupError, ValueError):
        return "", {}
    finally:
        file.seek(0)
    return "", {}
