"""Widgets that two panes or more use."""
