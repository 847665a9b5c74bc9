"""Split typed or pasted text into statements and words, without a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ...common.errors import DeclarationError
from ...common.secrets import without_secrets

LONGEST_WORD = 60_000
"""In characters: the kernel allows 128 KiB per argument (execve(2)), and a character has at most 4 bytes."""

# Pasted text may have blanks after the backslash at the end of a line.
_CONTINUATION = re.compile(r"\\[ \t]*(\n|\Z)")
_ONLY_FOR_A_SHELL = ";&|<>()`$"
_PLAIN = re.compile(r"""[^\s'"\\;&|<>()`$]+""")
# Shell commands between the cluster commands in the HA guide. crm's own cd takes no such path.
_SHELL_COMMAND = re.compile(
    r"[ \t]*(?:\$[ \t]+)?(?:sudo[ \t]+)?"
    r"(?:(?P<agent>cd(?=[ \t]+/usr/)|wget|curl|chmod)|(?P<endpoint>openstack|keystone))(?=\s)"
)
_POINTERS = {
    "agent": "installs an agent on a node, which the formula does: state.apply cinder_ha",
    "endpoint": "is about Keystone; for endpoints, use the state cinder_ha.endpoints_present",
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Statement:
    """One command; ``place`` is its position, for errors."""

    words: tuple[str, ...] = field(repr=False)
    place: str

    def fail(self, problem: str) -> DeclarationError:
        """Return an error with the position; mask secrets in what it quotes."""
        return DeclarationError(self.place, without_secrets(problem))

    def with_words(self, words: Sequence[str]) -> Statement:
        return Statement(tuple(words), self.place)


def split_commands(value: object, path: str, *, shell: bool) -> tuple[Statement, ...]:
    r"""Split a text, or a list of texts, into statements.

    A backslash joins a line with the next one, ``#`` starts a comment, and quotes work as in POSIX shells
    (Shell Command Language, "Quoting").

    :param value: one text, or a list of texts
    :param path: the argument's name, for errors
    :param shell: whether the text is written for a shell, where ``#`` also starts a comment within a line,
        and characters such as ``;`` or ``$`` need quotes; crm's own shell has neither rule
    :raises DeclarationError: the value is not text, a quote is not closed, or the text needs a shell

    >>> split_commands("pcs resource create a \\\n  'b c'  # why\n", "commands", shell=True)[0].words
    ('pcs', 'resource', 'create', 'a', 'b c')
    """
    texts = texts_of(value, path)
    is_list = not isinstance(value, str)
    return tuple(
        statement
        for index, text in enumerate(texts)
        for statement in _Splitter(text, shell, f"{path}[{index}], " if is_list else "").statements()
    )


def texts_of(value: object, path: str) -> Sequence[str]:
    """Return one text, or a list of texts, as the list; raise :class:`DeclarationError` for anything else."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
        raise DeclarationError(path, "should be text or a list of texts")
    return texts


class _Splitter:
    """Splits a text in a single pass."""

    def __init__(self, text: str, shell: bool, prefix: str):
        self._text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
        self._shell = shell
        self._prefix = prefix
        self._at = 0
        self._line = 1
        bad = _CONTROL.search(self._text) or re.search("[\ud800-\udfff]", self._text)
        if bad:
            self._line += self._text.count("\n", 0, bad.start())
            raise self._fail(f"contains the character {bad.group()!r}, which is not allowed in a command")

    def statements(self) -> Iterator[Statement]:
        while self._at < len(self._text):
            place = f"{self._prefix}line {self._line}"
            self._refuse_shell_command()
            words = tuple(self._words())
            if words:
                yield Statement(words, place)

    def _refuse_shell_command(self) -> None:
        found = _SHELL_COMMAND.match(self._text, self._at)
        if found is not None and found.lastgroup is not None:
            raise self._fail(f"{found[found.lastgroup]!r} {_POINTERS[found.lastgroup]}")

    def _words(self) -> Iterator[str]:
        """Yield the words up to the end of the line, and move past it."""
        is_first = True
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "\n":
                self._step(1)
                return
            if character.isspace():
                self._step(1)
            elif character == "\\" and self._continues():
                pass
            elif character == "#" and (self._shell or is_first):
                self._skip_comment()
            elif is_first and self._text.startswith("$ ", self._at):
                self._step(2)  # the prompt of a pasted example
            else:
                word = self._word()
                if len(word) > LONGEST_WORD:
                    raise self._fail(
                        f"contains a word of {len(word)} characters; at most {LONGEST_WORD} are allowed"
                    )
                yield word
                is_first = False

    def _word(self) -> str:
        parts: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace() or (character == "\\" and self._continues()):
                break
            plain = _PLAIN.match(self._text, self._at)
            if plain:
                parts.append(plain.group())
                self._at = plain.end()
            elif character == "'":
                parts.append(self._quoted("'", ""))
            elif character == '"':
                parts.append(self._quoted('"', '"\\$`' if self._shell else '"\\'))
            elif character == "\\":
                parts.append(self._text[self._at + 1])
                self._step(2)
            elif self._shell and character in _ONLY_FOR_A_SHELL:
                raise self._fail(self._unquoted(character))
            else:
                parts.append(character)
                self._step(1)
        return "".join(parts)

    def _quoted(self, quote: str, escapable: str) -> str:
        start = self._line
        self._step(1)
        parts: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            following = self._text[self._at + 1 : self._at + 2]
            if character == quote:
                self._step(1)
                return "".join(parts)
            if character == "\n" and not self._shell:
                break
            if character == "\\" and following and following in escapable:
                parts.append(following)
                self._step(2)
            elif character == "\\" and escapable and self._continues():
                pass
            elif self._shell and quote == '"' and character in "$`":
                raise self._fail(self._unquoted(character))
            else:
                parts.append(character)
                self._step(1)
        self._line = start
        raise self._fail(f"the quote {quote} is not closed")

    def _continues(self) -> bool:
        found = _CONTINUATION.match(self._text, self._at)
        if found:
            self._step(found.end() - self._at)
        return found is not None

    def _skip_comment(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _step(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def _unquoted(self, character: str) -> str:
        return (
            f"{character!r} is shell syntax, but no shell runs this text: put each command on a line of "
            "its own, write values instead of variables, and quote the character where it is part of a value"
        )

    def _fail(self, problem: str) -> DeclarationError:
        return DeclarationError(f"{self._prefix}line {self._line}", problem)
