"""Rework: opens the modal that asks what was wrong; `views/rework.py` has its submission."""

ID = "rework"
