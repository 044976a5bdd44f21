"""State of one pane each, as QObjects without widgets."""
