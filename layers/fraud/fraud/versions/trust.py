"""Who may deliver a model: the rule about signatures, the same in quarantine and on the trusted side."""

from collections.abc import Callable

import msgspec

from fraud.access.signing import SigningKey, signer
from fraud.errors import InvalidArtefactError


class Trust(msgspec.Struct, frozen=True):
    """`required`: unsigned drops are refused. A signature that is there must be right in any case."""

    keys: Callable[[], list[SigningKey]]
    required: bool = False

    def signer_of(self, version: str, sha256: str, signature: str | None) -> str | None:
        """The name of the key that signed a drop, None for an unsigned one where that is allowed.

        Raises InvalidArtefactError `signature_required` or `invalid_signature`.
        """
        if signature is None:
            if self.required:
                raise InvalidArtefactError(
                    "the drop is not signed, and only signed drops are taken", code="signature_required"
                )
            return None
        found = signer(self.keys(), version, sha256, signature)
        if found is None:
            words = "the signature was made by no known key over this version and these bytes"
            raise InvalidArtefactError(words, code="invalid_signature")
        return found
