"""Writing an export: numbered files per category, as the academy's directory makes them (VE2407)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

PER_FILE = 5_000
_KINDS = {"EtabEducNat": "Structure", "MatiereEducNat": "Matiere", "MefEducNat": "Mef"}


class Series:
    """The numbered files of one category (its name in file names, « Eleve ») of a Complet of one day (YYYYMMDD)."""

    def __init__(self, folder: Path, category: str, day: str) -> None:
        self.folder, self.category, self.day, self.count = folder, category, day, 0
        announced = "MatEducNat" if category == "MatiereEducNat" else category
        kind = "categorie" + _KINDS.get(category, "Personne")
        self.announced = f'<attr name="{kind}"><value>{announced}</value></attr>'
        self.handle: TextIO | None = None

    def write(self, identifier: str, attributes: Mapping[str, str | Sequence[str]]) -> None:
        """Add one record."""
        if self.count % PER_FILE == 0:
            self.close()
            name = f"ENT_Complet_{self.day}_{self.category}_{self.count // PER_FILE:04d}.xml"
            self.handle = (self.folder / name).open("w", encoding="utf-8", newline="\n")
            self.handle.write('<?xml version="1.0" encoding="UTF-8"?>\n')
            self.handle.write(
                '<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">\n'
                '<ficAlimMENESR>\n<!-- versionAF="AAF-VE2407" -->\n'
            )
        self.count += 1
        parts = [f"\n<addRequest>\n<operationalAttributes>{self.announced}</operationalAttributes>\n"]
        parts.append(f"<identifier><id>{escape(identifier)}</id></identifier>\n<attributes>\n")
        for name, value in attributes.items():
            values = [value] if isinstance(value, str) else value
            inner = "".join(f"<value>{escape(v)}</value>" for v in values if v) or "<value/>"
            parts.append(f"<attr name={quoteattr(name)}>{inner}</attr>\n")
        parts.append("</attributes>\n</addRequest>\n")
        assert self.handle is not None  # noqa: S101
        self.handle.write("".join(parts))

    def close(self) -> None:
        """End the file at hand."""
        if self.handle is not None:
            self.handle.write("\n</ficAlimMENESR>\n")
            self.handle.close()
            self.handle = None
