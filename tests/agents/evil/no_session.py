"""An agent that answers every request with a list."""

import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    result = {"protocolVersion": 1} if request["method"] == "initialize" else ["odd"]
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
