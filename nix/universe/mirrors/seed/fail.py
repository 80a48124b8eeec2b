"""The one error that seeding ends with."""

import re


class Fail(Exception):
    """Something that the user must know; `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def shown(self) -> str:
        """The lines for a terminal, which must not obey what a file of somebody else says."""
        lines = f"nixw: {self}" + (f"\nhint: {self.hint}" if self.hint else "")
        return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", lines)
