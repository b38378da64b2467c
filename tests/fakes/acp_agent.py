"""A tiny ACP agent for tests: plain JSON-RPC over stdio, starts in 20 ms, does what the prompt's lines say.

    command = [sys.executable, "/path/to/tests/fakes/acp_agent.py", "--script", '["text hello", "stop end_turn"]']

Each line of the prompt, and of --script before it, is one instruction; lines that are none are skipped.

    write FILE TEXT      write TEXT and a newline into FILE, below the workspace
    append FILE TEXT     add a line to FILE
    delete FILE          remove FILE
    replace-line FILE N TEXT   make TEXT the N-th line of FILE
    text TEXT            say TEXT
    plan A; B; C         report a plan, its first step in progress
    step TITLE           report a tool call
    null-step            report a tool call whose title is null
    todos A; B           report opencode's way of a plan
    ask                  ask for a permission without a title; the answer is said as text
    try METHOD           send a request of that method; says "refused CODE" or "granted"
    raw LINE             write LINE to stdout as it is
    hex BYTES            write these bytes (hexadecimal) and a newline to stdout
    long N               say a text of N characters
    flood N              write N bytes of noise to stdout
    err-flood N          write N bytes to stderr
    err TEXT             write TEXT to stderr
    env FILE             write the environment as JSON into FILE
    prompt FILE          write the whole prompt into FILE
    spawn FILE           start a sleeping process that double-forks with setsid; its id goes into FILE
    stubborn FILE        like spawn, and ignore SIGTERM, both
    usage N              tell N tokens with the end of the turn
    stop REASON          end the turn with that stop reason, whatever it is
    fail MESSAGE         end the turn with an RPC error
    close-stdout         close stdout and go on
    exit N               end the process at once
    exit-unless FILE     end the process at once unless FILE is in the workspace
    await PATH           wait until PATH exists, wherever it is
    hang                 do nothing any more, not even when cancelled
    wait                 do nothing until cancelled
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

HERE = Path.cwd().resolve()


def send(message):
    sys.stdout.buffer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    sys.stdout.buffer.flush()


def update(**facts):
    send({"method": "session/update", "params": {"sessionId": "s1", "update": facts}})


def say(text):
    update(sessionUpdate="agent_message_chunk", content={"type": "text", "text": text})


def inside(name):
    path = (HERE / name).resolve()
    if not path.is_relative_to(HERE):
        raise SystemExit(f"{name} is outside the workspace")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def put(name, text, mode="w"):
    with inside(name).open(mode, encoding="utf-8") as file:
        file.write(text)


def steps(text, first):
    statuses = [first] + ["pending"] * text.count(";")
    titles = [part.strip() for part in text.split(";")]
    return [{"content": t, "priority": "medium", "status": s} for t, s in zip(titles, statuses, strict=True)]


def spawn(name, stubborn):
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork():
        while not inside(name).exists():
            time.sleep(0.005)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    put(name + ".part", str(os.getpid()))
    inside(name + ".part").rename(inside(name))
    os.execvp("sleep", ["sleep", "60"])


def ask():
    options = [
        {"optionId": "no", "name": "No", "kind": "reject_once"},
        {"optionId": "always", "name": "Always", "kind": "allow_always"},
        {"optionId": "once", "name": "Yes", "kind": "allow_once"},
    ]
    params = {"sessionId": "s1", "toolCall": {"toolCallId": "t1", "title": None}, "options": options}
    send({"id": "ask-1", "method": "session/request_permission", "params": params})
    say(json.dumps(receive()["result"]["outcome"]))


def attempt(method):
    send({"id": "try-1", "method": method, "params": {"sessionId": "s1", "path": "/etc/passwd", "content": "x"}})
    error = receive().get("error")
    say(f"refused {error['code']}" if error else "granted")


def flood(stream, size):
    line = b"x" * 99 + b"\n"
    while size > 0:
        stream.write(line * 100)
        stream.flush()
        size -= 10_000


def receive():
    line = sys.stdin.readline()
    if not line:
        raise SystemExit(0)
    return json.loads(line)


def wait_for_cancel():
    while receive().get("method") != "session/cancel":
        pass


def hang():
    while True:
        time.sleep(600)


def replace_line(name, number, text):
    lines = inside(name).read_text().splitlines()
    lines[int(number) - 1] = text
    put(name, "".join(line + "\n" for line in lines))


def await_file(path):
    while not Path(path).exists():
        time.sleep(0.01)


class Turn:
    def __init__(self, prompt):
        self.prompt, self.ended, self.usage = prompt, None, None

    def end(self, **ended):
        self.ended = ended

    def perform(self, line):
        verb, _, rest = line.strip().partition(" ")
        name, _, text = rest.partition(" ")
        actions = {
            "write": lambda: put(name, text + "\n"),
            "append": lambda: put(name, text + "\n", "a"),
            "delete": lambda: inside(name).unlink(),
            "replace-line": lambda: replace_line(name, *text.split(" ", 1)),
            "text": lambda: say(rest),
            "plan": lambda: update(sessionUpdate="plan", entries=steps(rest, "in_progress")),
            "step": lambda: update(sessionUpdate="tool_call", toolCallId="t1", title=rest, kind="edit"),
            "null-step": lambda: update(sessionUpdate="tool_call", toolCallId="t2", title=None),
            "todos": lambda: update(
                sessionUpdate="tool_call_update", toolCallId="t3", rawInput={"todos": steps(rest, "completed")}
            ),
            "ask": ask,
            "try": lambda: attempt(rest),
            "raw": lambda: (sys.stdout.write(rest + "\n"), sys.stdout.flush()),
            "hex": lambda: (sys.stdout.buffer.write(bytes.fromhex(rest) + b"\n"), sys.stdout.buffer.flush()),
            "long": lambda: say("x" * int(rest)),
            "flood": lambda: flood(sys.stdout.buffer, int(rest)),
            "err-flood": lambda: flood(sys.stderr.buffer, int(rest)),
            "err": lambda: print(rest, file=sys.stderr, flush=True),
            "env": lambda: put(name, json.dumps(dict(os.environ))),
            "prompt": lambda: put(name, self.prompt),
            "spawn": lambda: spawn(name, stubborn=False),
            "stubborn": lambda: spawn(name, stubborn=True),
            "usage": lambda: setattr(self, "usage", int(rest)),
            "stop": lambda: self.end(result={"stopReason": rest}),
            "fail": lambda: self.end(error={"code": -32603, "message": rest, "data": {"detail": "the whole story"}}),
            "close-stdout": lambda: os.close(1),
            "exit": lambda: os._exit(int(rest)),
            "exit-unless": lambda: None if inside(name).exists() else os._exit(3),
            "await": lambda: await_file(rest),
            "hang": hang,
            "wait": lambda: (wait_for_cancel(), self.end(result={"stopReason": "cancelled"})),
        }
        if verb in actions:
            actions[verb]()

    def answer(self):
        ended = self.ended or {"result": {"stopReason": "end_turn"}}
        if self.usage is not None and "result" in ended:
            ended["result"]["usage"] = {"totalTokens": self.usage, "inputTokens": 0, "outputTokens": 0}
        return ended


def prompted(params, script):
    prompt = "".join(block.get("text", "") for block in params["prompt"])
    turn = Turn(prompt)
    for line in [*script, *prompt.splitlines()]:
        turn.perform(line)
        if turn.ended:
            break
    return turn.answer()


def main(argv):
    script = json.loads(argv[argv.index("--script") + 1]) if "--script" in argv else []
    while True:
        message = receive()
        match message.get("method"):
            case "initialize":
                send({"id": message["id"], "result": {"protocolVersion": 1, "agentCapabilities": {}}})
            case "session/new":
                send({"id": message["id"], "result": {"sessionId": "s1"}})
            case "session/prompt":
                send({"id": message["id"], **prompted(message["params"], script)})


if __name__ == "__main__":
    main(sys.argv)
