"""An agent that speaks another version of the protocol."""

import json
import sys

request = json.loads(sys.stdin.readline())
print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": {"protocolVersion": 0}}), flush=True)
sys.stdin.readline()
