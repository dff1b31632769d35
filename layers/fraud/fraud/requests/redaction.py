"""Personal data never reaches a store: each free field is kept, tokenised or dropped by a declared policy."""

import hashlib
import hmac
import re
from collections.abc import Callable

from fraud.scoring.transaction import Transaction

POLICY = {"entity_id": "token", "location": "token", "merchant_category": "keep_category"}
_CATEGORY = re.compile(r"[A-Za-z][A-Za-z_ -]{0,31}")


class Redactor:
    """Applies the policy; the secret is fetched only when a field needs a token."""

    def __init__(self, secret: Callable[[], str]) -> None:
        self._fetch, self._secret = secret, b""

    def fields(self, transaction: Transaction) -> dict[str, str]:
        """The free fields of a transaction as they may be stored."""
        kept = {}
        for name, policy in POLICY.items():
            value = getattr(transaction, name)
            if value:
                kept[name] = value if policy == "keep_category" and _CATEGORY.fullmatch(value) else self.token(value)
        return kept

    def token(self, value: str) -> str:
        """A keyed token: equal values give equal tokens, and nobody without the secret can go back."""
        if not self._secret:
            self._secret = self._fetch().encode()
        return "tok_" + hmac.new(self._secret, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:24]
