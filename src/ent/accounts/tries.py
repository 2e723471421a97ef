"""How often one may try a name or a code. Only failures count for an address: a whole school shares one."""

from dataclasses import dataclass

from django.db import connection

from ent.kernel import limits
from tenants.context import platform


@dataclass(frozen=True)
class Tries:
    """A kind of try, limited by what is tried and by where from."""

    kind: str
    per_key: str
    per_address: str

    def begin(self, key: str, address: str) -> bool:
        """Count a try; False when there were too many. Names are the academy's: counted over all schools."""
        with platform():
            return self._left(self.per_address, "address", address) and limits.allowed(
                self.per_key, self.kind, "key", key
            )

    def failed(self, address: str) -> None:
        """The try failed: it counts for the address too."""
        with platform():
            limits.allowed(self.per_address, self.kind, "address", address)

    def succeeded(self, key: str) -> None:
        """The right person came: earlier tries of this key are forgotten."""
        with platform():
            limits._limiter().clear(limits._rate(self.per_key), connection.schema_name, self.kind, "key", key)

    def _left(self, rate: str, *keys: str) -> bool:
        return limits._limiter().test(limits._rate(rate), connection.schema_name, self.kind, *keys)


SIGN_IN = Tries("sign-in", per_key="10/15 minutes", per_address="60/15 minutes")
# The key is the same for everyone: tries of the whole academy.
CODE = Tries("code", per_key="6000/hour", per_address="20/15 minutes")
REMINDER = Tries("reminder", per_key="5/hour", per_address="30/hour")
