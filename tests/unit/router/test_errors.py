"""router.errors: the tree in the docstring is the tree in the code."""

from router import errors


def test_docstring_names_every_error() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MorpheusError)
    }
    documented = {
        word for word in (errors.__doc__ or "").replace("(", " ").split() if word in classes
    }
    assert documented == classes


def test_codes_are_distinct() -> None:
    codes = [cls.code for cls in errors.MorpheusError.__subclasses__()]
    assert len(codes) == len(set(codes))


def test_parts_of_an_explanation_are_kept() -> None:
    error = errors.BadRequest("No messages.", param="messages", code="missing_field")
    assert (error.message, error.param, error.code) == ("No messages.", "messages", "missing_field")
    assert errors.BadRequest("x").code == "bad_request"
    assert str(errors.StorageError("a", safe="b", hint="c")) == "a"
