"""Charging cards at the payment gateway."""

from payments.client import PaymentRefused, charge

__all__ = ["PaymentRefused", "charge"]
