"""Functions of Lambda run as programs of this machine: moto's own way needs a container image that must be pulled."""

import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile

from moto.awslambda.models import LambdaFunction

HOST = os.path.join(os.path.dirname(__file__), "function_host.py")


def run_at(endpoint):
    """Every function reaches the account at this address."""

    def invoke(self, body, request_headers, response_headers):
        with tempfile.TemporaryDirectory() as folder:
            zipfile.ZipFile(io.BytesIO(self.code_bytes)).extractall(folder)
            environment = {
                **os.environ,
                **self.environment_vars,
                "PYTHONPATH": os.pathsep.join([folder, os.environ["PYTHONPATH"]]),
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
            }
            # It answers on its standard output; what the handler itself prints goes to the other one.
            command = [sys.executable, HOST, self.handler, str(self.timeout)]
            ran = subprocess.run(
                command, input=body, env=environment, cwd=folder, timeout=int(self.timeout), capture_output=True, text=True
            )
        answer = json.loads(ran.stdout) if ran.stdout else {"errorType": "Runtime.ExitError", "errorMessage": ran.stderr}
        if "result" in answer:
            return json.dumps(answer["result"]).encode()
        response_headers["x-amz-function-error"] = "Unhandled"
        return json.dumps(answer).encode()

    LambdaFunction.invoke = invoke
