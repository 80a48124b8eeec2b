"""The one error that seeding ends with."""


class Fail(Exception):
    """Something that the user must know; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
