"""What moto forgets of an ECS service, and what the runner of tasks tells of it."""

import uuid
from types import SimpleNamespace

from botocore import xform_name
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Service, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

# These name what is meant, or are moto's own.
NAMING = {"cluster", "service", "service_name", "force_new_deployment", "client_token", "task_definition"}


def _service(cluster, service, region):
    key = f"{cluster.rsplit('/', 1)[-1]}:{service.rsplit('/', 1)[-1]}"
    return ecs_backends[DEFAULT_ACCOUNT_ID][region].services.get(key)


def _tasks_in(cluster, region):
    return ecs_backends[DEFAULT_ACCOUNT_ID][region].tasks.setdefault(cluster, {})


def _tasks_of(service, region):
    tasks = _tasks_in(service.cluster_name, region).items()
    return [arn for arn, task in tasks if getattr(task, "group", "") == f"service:{service.name}"]


def keep_revisions():
    """Moto knows no revisions of a service, which tell how often it is measured; here each has one."""

    def describe_service_revisions(self):
        wanted = self._get_param("serviceRevisionArns")
        found = [each for each in self.ecs_backend.services.values() if _revision(each) in wanted]
        revisions = [
            {"serviceRevisionArn": _revision(each), "monitoring": getattr(each, "monitoring", None), "createdAt": 1}
            for each in found
        ]
        return ActionResult({"serviceRevisions": revisions, "failures": []})

    EC2ContainerServiceResponse.describe_service_revisions = describe_service_revisions
    Service.current_service_revisions = property(lambda self: [{"arn": _revision(self)}])


def refuse_fine_metrics():
    """As in a region that does not have them yet."""
    update = EC2ContainerServiceResponse.update_service

    def update_service(self):
        if self._get_param("monitoring"):
            raise InvalidParameterException("Monitoring is not supported in this region.")
        return update(self)

    EC2ContainerServiceResponse.update_service = update_service


def _revision(service):
    return f"{service.arn.replace(':service/', ':service-revision/')}/1"


def remember(operation, parameters, region):
    """Keeps every parameter of a service, as DescribeServices has to answer it; moto keeps some."""
    if operation == "DeleteService":
        service = _service(parameters.get("cluster", "default"), parameters["service"], region)
        # ECS says INACTIVE when the last task has ended, moto at once.
        service.status = "DRAINING" if _tasks_of(service, region) else "INACTIVE"
    if operation not in ("CreateService", "UpdateService"):
        return
    name = parameters.get("serviceName") or parameters["service"]
    # At its worst: whatever does not say so goes back to each minute.
    parameters = {"monitoring": None, **parameters}
    service = _service(parameters.get("cluster", "default"), name, region)
    for key, value in parameters.items():
        if xform_name(key) not in NAMING:
            setattr(service, xform_name(key), value)
    service.running_count = getattr(service, "really_running", 0)
    if not service.deployments or service.deployments[0]["taskDefinition"] != service.task_definition:
        service.deployments = [
            {
                "id": f"ecs-svc/{uuid.uuid4()}",
                "taskDefinition": service.task_definition,
                "status": "PRIMARY",
                "rolloutState": "IN_PROGRESS",
                "rolloutStateReason": "It has just begun.",
                "desiredCount": service.desired_count,
                "runningCount": 0,
                "failedTasks": 0,
            }
        ]


class ReportedTask(SimpleNamespace):
    """A task that really runs, as moto answers for it."""

    def advance(self):
        """Its state is what was reported, whoever looks."""


def report(cluster, service, region, status, running, pending, deployments, tasks):
    """What ECS's own agents would know: which tasks run, and how the deployments go. `status`: of the service as they saw it."""
    found = _service(cluster, service, region)
    if found is None:
        return {"error": {"code": "ServiceNotFoundException", "message": service}}
    found.really_running = found.running_count = running
    found.pending_count = pending
    # What was asked for in the meantime is not reported yet.
    if deployments[0]["taskDefinition"] == found.task_definition:
        found.deployments = deployments
    all_tasks = _tasks_in(found.cluster_name, region)
    for arn in _tasks_of(found, region):
        del all_tasks[arn]
    for task in tasks:
        arn = f"{found.cluster_arn.replace(':cluster/', ':task/')}/{task.pop('id')}"
        all_tasks[arn] = ReportedTask(
            task_arn=arn,
            cluster_arn=found.cluster_arn,
            group=f"service:{found.name}",
            tags=found.tags if found.propagate_tags == "SERVICE" else [],
            started_by=deployments[0]["id"],
            **{xform_name(key): value for key, value in task.items()},
        )
    if status != "ACTIVE" and not tasks:
        ecs_backends[DEFAULT_ACCOUNT_ID][region].services.pop(f"{found.cluster_name}:{found.name}", None)
    return {"result": {}}
