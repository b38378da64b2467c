"""The client of the payment gateway."""

import json
import urllib.error
import urllib.request


class PaymentRefused(Exception):
    """The gateway answered, and the answer was no."""


def charge(gateway, order, amount_cents, card):
    """Charge a card for an order; the gateway's reference of the payment.

    Raises PaymentRefused when the gateway says no, OSError when it does not answer.
    """
    request = urllib.request.Request(
        f"{gateway}/charges",
        data=json.dumps({"amount_cents": amount_cents, "card": card}).encode(),
        headers={"Content-Type": "application/json", "Idempotency-Key": order},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)["reference"]
    except urllib.error.HTTPError as error:
        raise PaymentRefused(f"the gateway refused order {order}: {error.code}") from error
