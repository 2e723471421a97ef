"""Notifications are part of every school; the bell stands in the top bar."""

from ent.kernel.navigation import module

module("notifications", "Notifications", "notifications:", essential=True)
