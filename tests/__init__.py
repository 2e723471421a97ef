"""Tests mirror the tree; people here are invented."""
