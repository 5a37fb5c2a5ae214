"""An AWS account on loopback: moto's server, and a bridge that checks every request against the service models first.

    python emulator.py

prints one line of JSON with the URLs of both once they answer, and ends when its standard input does.
"""

import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

import ecs_services
import functions
import moto_gaps
import one_off_tasks
from client import Client


class Bridge(BaseHTTPRequestHandler):
    """`POST /call` sends one request, `POST /report` and `/report-task` tell what became of an ECS service or a task."""

    protocol_version = "HTTP/1.1"
    client: Client

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answers = {
            "/call": self.client.call,
            "/report": ecs_services.report,
            "/report-task": one_off_tasks.report,
        }
        try:
            answer = answers[self.path](**body)
        except Exception as error:  # whatever it is, the caller is the one who can tell it
            answer = {"error": {"code": type(error).__name__, "message": str(error)}}
        content = json.dumps(answer, default=str).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        content = json.dumps(self.client.counts).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Whoever asks tells what matters."""


def main():
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto_gaps.fill(image_registry=os.environ.get("IMAGE_REGISTRY"))
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    functions.run_at(endpoint)
    one_off_tasks.keep_running()
    ecs_services.keep_revisions()
    if os.environ.get("REFUSE_FINE_METRICS"):
        ecs_services.refuse_fine_metrics()
    Bridge.client = Client(endpoint)
    bridge = ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
    threading.Thread(target=bridge.serve_forever, daemon=True).start()
    urls = {"moto": endpoint, "bridge": f"http://127.0.0.1:{bridge.server_port}"}
    print(json.dumps(urls), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
