#!/usr/bin/env python3
"""Asks the same question of many files, one task a file, and prints each answer as it comes. Standard library only.

    samples/python-client/review_files.py "Name one fault" src/*.py

KOUBOU_URL is the workshop's address (default http://localhost:8765), KOUBOU_API_KEY a key where one is asked for.
"""
import json
import os
import sys
import urllib.error
import urllib.request

FINAL = {"succeeded", "failed", "cancelled", "expired"}


class Workshop:
    """The workshop's native REST."""

    def __init__(self, url: str, key: str | None) -> None:
        self._root = url.rstrip("/") + "/api/v1/"
        self._headers = {"Content-Type": "application/json", "X-Koubou-Client": "python-sample"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def submit(self, tasks: list[dict]) -> list[str]:
        """All tasks or none; their ids in the same order."""
        with self._open("tasks/batch", {"tasks": tasks}) as reply:
            return [task["id"] for task in json.load(reply)["tasks"]]

    def task(self, task_id: str) -> dict:
        with self._open(f"tasks/{task_id}") as reply:
            return json.load(reply)

    def changes(self, task_ids: list[str]):
        """Changes of these tasks as server-sent events, from the start of the log on, so that none is missed."""
        query = "&".join(f"task_id={task_id}" for task_id in task_ids)
        with self._open(f"events?from=1&{query}") as stream:
            event = ""
            for line in stream:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "task_update":
                    yield json.loads(value)

    def _open(self, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._root + path, data, self._headers)
        return urllib.request.urlopen(request)  # noqa: S310 - the address is the user's own


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    question, *files = arguments
    workshop = Workshop(os.environ.get("KOUBOU_URL", "http://localhost:8765"), os.environ.get("KOUBOU_API_KEY"))
    tasks = []
    for name in files:
        with open(name, encoding="utf-8") as file:
            tasks.append({"type": "code", "prompt": f"{question}\n\n{file.read()}", "labels": {"file": name}})
    try:
        ids = workshop.submit(tasks)
    except urllib.error.HTTPError as refusal:
        print(refusal.read().decode(), file=sys.stderr)
        return 1

    names, failed = dict(zip(ids, files)), 0
    waiting = set(ids)
    for change in workshop.changes(ids):
        if change["state"] in FINAL and change["task_id"] in waiting:
            waiting.remove(change["task_id"])
            task = workshop.task(change["task_id"])
            failed += task["state"] != "succeeded"
            print(f"== {names[task['id']]}: {task['state']}")
            print(task["output"] or task["error"]["message"], flush=True)
        if not waiting:
            break
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
