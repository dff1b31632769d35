"""Personal data never reaches a store: each free field is kept, tokenised or dropped by a declared policy."""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping

from fraud.scoring.transaction import Transaction

KEEP, TOKEN, DROP = "keep", "token", "drop"
FIELDS = ("entity_id", "location", "merchant_category")
DEFAULT_POLICY = {"entity_id": TOKEN, "location": TOKEN, "merchant_category": KEEP}
_CATEGORY = re.compile(r"[A-Za-z][A-Za-z_ -]{0,31}")
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def policy(text: str) -> dict[str, str]:
    """`field=keep|token|drop`, separated by commas, over the default; raises ValueError naming what it cannot be."""
    told = dict(DEFAULT_POLICY)
    for part in filter(None, text.replace(" ", "").split(",")):
        field, _, what = part.partition("=")
        if field not in FIELDS or what not in (KEEP, TOKEN, DROP):
            raise ValueError(f"{part!r}: a privacy policy is {'|'.join(FIELDS)} = {KEEP}|{TOKEN}|{DROP}")
        told[field] = what
    return told


class Redactor:
    """Applies the policy; the secret is fetched only when a field needs a token.

    What is to be kept becomes a token all the same when it holds a card number, or is a category that is no plain word.
    """

    def __init__(self, secret: Callable[[], str], told: Mapping[str, str] = DEFAULT_POLICY) -> None:
        self._fetch, self._secret, self._policy = secret, b"", told

    def fields(self, transaction: Transaction) -> dict[str, str]:
        """The free fields of a transaction as they may be stored."""
        given = {name: getattr(transaction, name) for name in FIELDS if self._policy[name] != DROP}
        return {name: self._stored(name, value) for name, value in given.items() if value}

    def token(self, value: str) -> str:
        """A keyed token: equal values give equal tokens, and nobody without the secret can go back."""
        if not self._secret:
            self._secret = self._fetch().encode()
        return "tok_" + hmac.new(self._secret, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]

    def _stored(self, name: str, value: str) -> str:
        plain = _CATEGORY.fullmatch(value) if name == "merchant_category" else not holds_card_number(value)
        return value if self._policy[name] == KEEP and plain else self.token(value)


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits in a text pass the check of payment cards (Luhn, ISO/IEC 7812-1 annex B)."""
    return any(_luhn([int(letter) for letter in found[0] if letter.isdigit()]) for found in _CARD.finditer(text))


def _luhn(digits: list[int]) -> bool:
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
