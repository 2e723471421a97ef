"""What the system says of a file that cannot be read, in plain French."""

import errno

CAUSES = {
    errno.ENOENT: "il n'existe pas",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EISDIR: "c'est un dossier",
    errno.EACCES: "l'accès en est refusé",
}


def os_cause(error: OSError) -> str:
    """Why, in a few words; the number says more to whoever keeps the machine."""
    return CAUSES.get(error.errno or 0, f"erreur du système n° {error.errno}")
