"""What of the school's addresses is conduct's."""

from ent.kernel.navigation import module

module("conduct", "Observations et encouragements", "conduct:")
