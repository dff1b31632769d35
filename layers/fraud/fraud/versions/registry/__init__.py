"""The registry table: versions, routing and its history, rollouts, experiments, deployments, clients, the audit chain.

Every change is one transaction: what is checked, what changes and the audit entry about it succeed together or not
at all. Records travel as JSON text, so floats stay exact.
"""

from fraud.versions.registry.beside import BesideRecords
from fraud.versions.registry.clients import ClientRecords
from fraud.versions.registry.deployments import DeploymentRecords
from fraud.versions.registry.routing import RoutingRecords


class Registry(RoutingRecords, DeploymentRecords, BesideRecords, ClientRecords):
    """Reads are consistent; writes raise ChangedMeanwhileError when somebody else was first."""


__all__ = ["Registry"]
