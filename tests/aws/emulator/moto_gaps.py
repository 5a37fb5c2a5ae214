"""Where answers of moto lead nowhere, they lead to what runs on this machine; what it reads wrongly, it leaves."""

from moto.ecr.models import ECRBackend
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket


def fill(image_registry):
    _load_balancers_on_loopback()
    _protected_load_balancers()
    _no_bucket_policies()
    if image_registry:
        _repositories_at(image_registry)


def _load_balancers_on_loopback():
    """A load balancer is a port of this machine: see ../runner/load-balancer.ts."""
    create = ELBv2Backend.create_load_balancer

    def on_loopback(self, *args, **kwargs):
        balancer = create(self, *args, **kwargs)
        balancer.dns_name = "127.0.0.1"
        return balancer

    ELBv2Backend.create_load_balancer = on_loopback


def _protected_load_balancers():
    """Moto keeps the protection, and does not ask for it."""
    delete = ELBv2Backend.delete_load_balancer

    def unless_protected(self, arn):
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs["deletion_protection.enabled"] == "true":
            message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", message)
        delete(self, arn)

    ELBv2Backend.delete_load_balancer = unless_protected


def _repositories_at(image_registry):
    """Images are really pushed and pulled, at an image registry on loopback."""
    create = ECRBackend.create_repository

    def at_registry(self, *args, **kwargs):
        repository = create(self, *args, **kwargs)
        repository.uri = f"{image_registry}/{repository.name}"
        return repository

    ECRBackend.create_repository = at_registry


def _no_bucket_policies():
    """Moto reads a policy without its conditions: one that refuses requests without TLS would refuse all."""
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
