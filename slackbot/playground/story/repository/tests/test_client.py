"""The payment client against gateways on this machine: one that answers, one that says no, one that never answers."""

import json
import socket
import threading
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from payments import PaymentRefused, charge

ORDER = {"order": "A-1001", "amount_cents": 4200, "card": "tok_visa"}


class Gateway(BaseHTTPRequestHandler):
    """Charges every card but tok_broke."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(402 if body["card"] == "tok_broke" else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"reference": f"paid-{self.headers['Idempotency-Key']}"}).encode())

    def log_message(self, *_):
        """Nothing: the tests' output is for failures."""


class WorkingGateway(unittest.TestCase):
    def setUp(self):
        server = HTTPServer(("127.0.0.1", 0), Gateway)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"

    def test_a_charge_answers_the_reference_of_the_payment(self):
        self.assertEqual(charge(self.url, **ORDER), "paid-A-1001")

    def test_a_refused_card_is_said_so(self):
        with self.assertRaises(PaymentRefused):
            charge(self.url, **{**ORDER, "card": "tok_broke"})


class SilentGateway(unittest.TestCase):
    """It accepts the connection and never says a word, as on the day of the incident."""

    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def test_a_charge_gives_up_when_the_gateway_does_not_answer(self):
        """Nobody waits here as long as production does: the call's timeout is noted, then cut to 0.2 s."""
        timeouts = []
        urlopen = urllib.request.urlopen

        def impatient(request, data=None, timeout=None, **options):
            timeouts.append(socket.getdefaulttimeout() if timeout is None else timeout)
            return urlopen(request, data, timeout=0.2, **options)

        with mock.patch.object(urllib.request, "urlopen", impatient), self.assertRaises(OSError):
            charge(self.url, **ORDER)
        self.assertNotIn(None, timeouts, "charge() called the gateway without a timeout: it would wait for ever")
        self.assertLessEqual(sum(timeouts), 60, "a customer would wait for more than a minute")


if __name__ == "__main__":
    unittest.main()
