"""Structures of an export that become schools of the list."""

from ent.exchange.aaf.rows import Structure
from ent.exchange.naming import departement_of, directory_school, presentable_town, school_kind, subdomain
from tenants.models import Authority, School, SchoolKind


def register(structures: list[Structure]) -> None:
    """Add structures to the list of schools."""
    if not structures:
        return
    taken = set(School.objects.values_list("subdomain", flat=True))
    authorities = dict(Authority.objects.values_list("code", "pk"))
    rows = []
    for structure in structures:
        town = presentable_town(structure.first("l").upper())[:80]
        name = (directory_school(structure.first("ENTStructureNomCourant"), town) or structure.uai)[:160]
        kind = school_kind(structure.first("ENTStructureTypeStruct"), structure.first("ENTStructureNomCourant"))
        postal = structure.first("postalCode")[:5]
        departement = departement_of(structure.uai, postal)
        owner = departement if kind == SchoolKind.COLLEGE else "ARA"
        address = subdomain(name, town, taken)
        taken.add(address)
        rows.append(
            School(
                uai=structure.uai,
                schema_name=f"e_{structure.uai.lower()}",
                name=name,
                kind=kind,
                town=town,
                postal_code=postal,
                departement=departement,
                subdomain=address,
                directory_key=structure.key[:40],
                is_public=structure.first("ENTEtablissementContrat") in ("", "PU"),
                authority_id=authorities.get(owner) if kind != SchoolKind.OTHER else None,
            )
        )
    for structure, row in zip(structures, School.objects.bulk_create(rows), strict=True):
        structure.school_pk = row.pk
