"""Tasks of no service: they run until it is reported how they ended."""

from types import SimpleNamespace

from moto.core import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.moto_api import state_manager


def keep_running():
    """Moto ends a task by itself once it was looked at often enough."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
    # For machines of one's own moto adds up what containers reserve, and on Fargate stumbles over those that reserve nothing.
    nothing = {"CPU": 0, "MEMORY": 0, "PORTS": [], "PORTS_UDP": []}
    EC2ContainerServiceBackend._calculate_task_resource_requirements = lambda *_: nothing


def report(cluster, task, region, exit_codes, reason):
    """What ECS's own agent would know: with which code each container ended."""
    found = ecs_backends[DEFAULT_ACCOUNT_ID][region].tasks[cluster.rsplit("/", 1)[-1]][task]
    found.containers = [
        SimpleNamespace(name=name, task_arn=task, last_status="STOPPED", exit_code=code)
        for name, code in exit_codes.items()
    ]
    found.desired_status = found.last_status = "STOPPED"
    found.stopped_reason = reason
    network = ec2_backends[DEFAULT_ACCOUNT_ID][region]
    for attachment in found.attachments:
        details = {each["name"]: each["value"] for each in attachment["details"]}
        network.delete_network_interface(details["networkInterfaceId"])
    found.attachments = []
    return {"result": {}}
