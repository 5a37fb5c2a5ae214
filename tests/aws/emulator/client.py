"""Sends requests as an SDK does, after the service models have nothing against them."""

import io
import threading
import uuid
import zipfile
from collections import Counter

import boto3
import jmespath
from botocore.config import Config
from botocore.exceptions import ClientError

import ecs_services
from validation import problems_of


def add_idempotency_tokens(operation, parameters):
    """As every SDK does."""
    for member in operation.idempotent_members:
        parameters.setdefault(member, str(uuid.uuid4()))


def with_archives(value):
    """`{"archive": {NAME: TEXT}}` as the zipped bytes that JSON cannot hold."""
    if isinstance(value, list):
        return [with_archives(each) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["archive"]:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in value["archive"].items():
                archive.writestr(name, text)
        return packed.getvalue()
    return {key: with_archives(each) for key, each in value.items()}


def read_out(result):
    """The answer with the text of what it would only stream."""
    return {key: each.read().decode() if hasattr(each, "read") else each for key, each in result.items()}


class Client:
    def __init__(self, endpoint: str):
        self.endpoint = endpoint
        self.counts = Counter()
        self._lock = threading.Lock()
        self._clients = {}

    def call(self, service, operation, parameters, region="us-east-1", all_pages=False, select="@"):
        """What `select` finds in the result of one operation, or `{"error": {"code", "message"}}`; `all_pages`: of all of its pages."""
        client = self._client(service, region)
        method = next(name for name, each in client.meta.method_to_api_mapping.items() if each == operation)
        parameters = with_archives(parameters)
        add_idempotency_tokens(client.meta.service_model.operation_model(operation), parameters)
        problems = problems_of(client.meta.service_model.operation_model(operation), parameters)
        if problems:
            return {"error": {"code": "RefusedByServiceModel", "message": "; ".join(problems)}}
        with self._lock:
            self.counts[f"{service} {operation}"] += 1
        try:
            if all_pages and client.can_paginate(method):
                result = client.get_paginator(method).paginate(**parameters).build_full_result()
            else:
                result = getattr(client, method)(**parameters)
        except ClientError as error:
            details = error.response["Error"]
            return {"error": {"code": details.get("Code", "Unknown"), "message": details.get("Message", "")}}
        result.pop("ResponseMetadata", None)
        if service == "ecs":
            ecs_services.remember(operation, parameters, region)
        return {"result": jmespath.search(select, read_out(result))}

    def _client(self, service, region):
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = boto3.client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id="test",
                    aws_secret_access_key="test",
                    config=Config(
                        retries={"total_max_attempts": 1},
                        max_pool_connections=32,
                        inject_host_prefix=False,
                        s3={"addressing_style": "path"},
                    ),
                )
            return self._clients[key]
