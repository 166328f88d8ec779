#!/usr/bin/env python3
"""A worker node in Python, from the .proto files alone: it takes tasks of the type "shout" and answers in capitals.

    python3 worker.py --scheduler localhost:5601

Needs grpcio, protobuf and protoc (Debian: python3-grpcio python3-protobuf protobuf-compiler libprotobuf-dev).
"""

import argparse
import importlib
import os
import pathlib
import platform
import queue
import subprocess
import sys
import tempfile
import threading
import time

import grpc

PROTOS = pathlib.Path(__file__).resolve().parents[2] / "Koubou.Contracts" / "Protos"


def load_contract(protos):
    """Generates the messages; the one call is made without generated stubs."""
    folder = tempfile.mkdtemp(prefix="koubou-python-")
    files = [f"koubou/v1/{name}.proto" for name in ("task", "queue", "node")]
    subprocess.run(["protoc", f"-I{protos}", f"--python_out={folder}", *files], check=True)
    sys.path.insert(0, folder)
    return importlib.import_module("koubou.v1.node_pb2")


class Node:
    """One connection to a scheduler. Whoever runs it starts it again when it ends."""

    def __init__(self, contract, node_id, slots):
        self.contract = contract
        self.node_id = node_id
        self.slots = slots
        self.frames = queue.Queue()
        self.held = {}  # (task id, lease token): the event that tells the work to stop
        self.gate = threading.Lock()

    def run(self, channel):
        connect = channel.stream_stream(
            "/koubou.v1.WorkerGateway/Connect",
            request_serializer=self.contract.NodeMessage.SerializeToString,
            response_deserializer=self.contract.SchedulerMessage.FromString,
        )
        hello = self.contract.NodeMessage()
        hello.hello.node_id = self.node_id
        hello.hello.version = "1.0.0"
        hello.hello.machine = platform.node()
        hello.hello.process_id = os.getpid()
        hello.hello.offer.capabilities.append("shout")
        # It does this itself, without any model: so no backend needs to be offered.
        hello.hello.offer.own_types.append("shout")
        hello.hello.offer.slots = hello.hello.offer.slots_max = self.slots
        self.frames.put(hello)
        for message in connect(iter(self.frames.get, None)):
            self.take(message)

    def take(self, message):
        if message.HasField("welcome"):
            interval = message.welcome.heartbeat_interval.ToTimedelta().total_seconds() or 10
            threading.Thread(target=self.beat, args=(interval,), daemon=True).start()
            # One credit for each free slot; the scheduler never sends more tasks than that.
            self.frames.put(self.contract.NodeMessage(credit=self.slots))
            print(f"works for {message.welcome.scheduler_id}", flush=True)
        for end in message.end:
            with self.gate:
                stop = self.held.get((end.task_id, end.lease_token))
            if stop:
                stop.set()
        for assignment in message.assignments:
            stop = threading.Event()
            with self.gate:
                self.held[(assignment.task_id, assignment.lease_token)] = stop
            threading.Thread(target=self.work, args=(assignment, stop), daemon=True).start()

    def work(self, assignment, stop):
        frame = self.contract.NodeMessage(credit=1)
        report = frame.reports.add(task_id=assignment.task_id, lease_token=assignment.lease_token)
        try:
            report.completed.output = shout(assignment.spec.prompt, stop)
        except ValueError as error:
            report.failed.error.code = "bad_prompt"
            report.failed.error.message = str(error)
            report.failed.error.kind = 2  # permanent: no other attempt can succeed
        with self.gate:
            del self.held[(assignment.task_id, assignment.lease_token)]
        if stop.is_set():
            # Nobody wants to hear of it any more, but the slot is free again.
            del frame.reports[:]
        self.frames.put(frame)

    def beat(self, interval):
        while True:
            time.sleep(interval)
            frame = self.contract.NodeMessage()
            frame.heartbeat.SetInParent()
            with self.gate:
                for task_id, token in self.held:
                    frame.heartbeat.held.add(task_id=task_id, lease_token=token)
            self.frames.put(frame)


def shout(prompt, stop):
    """The work itself. A long one looks at `stop` now and then and ends early."""
    if not prompt.strip():
        raise ValueError("There is nothing to shout.")
    return prompt.upper() + "!"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scheduler", default="localhost:5601")
    parser.add_argument("--node-id", default=f"python-{platform.node()}-{os.getpid()}")
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--protos", default=str(PROTOS))
    args = parser.parse_args()
    contract = load_contract(args.protos)
    while True:
        try:
            with grpc.insecure_channel(args.scheduler) as channel:
                Node(contract, args.node_id, args.slots).run(channel)
        except grpc.RpcError as error:
            print(f"no scheduler at {args.scheduler}: {error.code().name}; trying again", file=sys.stderr, flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main()
