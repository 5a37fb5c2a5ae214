"""What moto forgets of an ECS service, and what the runner of tasks tells of it."""

from botocore import xform_name
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends

# These name what is meant, or are moto's own.
NAMING = {"cluster", "service", "service_name", "force_new_deployment", "client_token", "task_definition"}


def _service(cluster, service, region):
    key = f"{cluster.rsplit('/', 1)[-1]}:{service.rsplit('/', 1)[-1]}"
    return ecs_backends[DEFAULT_ACCOUNT_ID][region].services.get(key)


def remember(operation, parameters, region):
    """Keeps every parameter of a service, as DescribeServices has to answer it; moto keeps some."""
    if operation not in ("CreateService", "UpdateService"):
        return
    name = parameters.get("serviceName") or parameters["service"]
    service = _service(parameters.get("cluster", "default"), name, region)
    for key, value in parameters.items():
        if xform_name(key) not in NAMING:
            setattr(service, xform_name(key), value)
    service.running_count = getattr(service, "really_running", 0)


def report(cluster, service, region, running, pending, deployments, events):
    """What ECS's own agents would know: how many tasks run, and how the deployments go."""
    found = _service(cluster, service, region)
    if found is None:
        return {"error": {"code": "ServiceNotFoundException", "message": service}}
    found.really_running = found.running_count = running
    found.pending_count = pending
    found.deployments = deployments
    found.events = events
    if found.status == "INACTIVE" and running == 0:
        ecs_backends[DEFAULT_ACCOUNT_ID][region].services.pop(f"{found.cluster_name}:{found.name}", None)
    return {"result": {}}
