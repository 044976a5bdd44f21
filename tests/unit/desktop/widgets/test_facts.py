"""Lines of a name and a value."""

from morpheus_desktop.widgets.facts import Facts


def shown(facts) -> list[tuple[str, str]]:
    return [(n.text(), v.text()) for n, v in facts._lines if not n.isHidden()]


def test_what_has_no_value_is_left_out(theme, qtbot):
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show_facts({"File": "a.gguf", "Licence": "", "Architecture": "llama"})
    assert shown(facts) == [("File", "a.gguf"), ("Architecture", "llama")]
    facts.show_facts({"From": "here"})
    assert shown(facts) == [("From", "here")]


def test_values_are_inert(theme, qtbot):
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show_facts({"File": "<b>a</b>\n\u202eb"})
    ((_name, value),) = shown(facts)
    assert value.startswith("<b>a</b>")
    assert "\n" not in value
    assert "\u202e" not in value
