"""From a transaction to an explained prediction."""
