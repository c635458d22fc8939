"""Letters that say how they are encrypted."""

from tests.helpers.letter_pdfs import edited, plain, written


def encrypted(user: str) -> bytes:
    writer = edited(plain())
    writer.encrypt(user, "owner", algorithm="AES-256")
    return written(writer)
