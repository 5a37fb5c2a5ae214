import { Invocation } from "@pulumi/aws/lambda/invocation";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, type EcsHost } from "../host";
import { pythonFunction } from "../python-function";
import type { EcsWorkload } from "../workload";

/** How often a service's CPU and memory are measured. */
export type ResolutionSeconds = 20 | 60;

/** What the function answers. */
interface Answer {
  seconds: ResolutionSeconds;
  /** Why not more often. */
  reason?: string;
}

/**
 * Makes a service measure its CPU and memory each 20 seconds, and tells how often it then does: where AWS refuses, each minute.
 * No field of the aws provider's service says so, hence a small function does. It is called again whenever the service is
 * another one, and changes nothing that is as it should be.
 */
export function finestResolution(
  host: EcsHost,
  workload: EcsWorkload,
  parent: pulumi.Resource,
): pulumi.Output<ResolutionSeconds> {
  const service = workload.service!;
  const own = pulumi.interpolate`${host.clusterName}/${service.name}`;
  const program = pythonFunction(host, workload, `${workload.name}-resolution`, {
    description: `Makes ${workload.name} measure its CPU and memory each 20 seconds`,
    program: PROGRAM,
    timeoutSeconds: 120,
    statements: [
      {
        actions: ["ecs:DescribeServices", "ecs:UpdateService"],
        resources: [arnOf(host, "ecs", pulumi.interpolate`service/${own}`)],
      },
      {
        actions: ["ecs:DescribeServiceRevisions"],
        resources: [arnOf(host, "ecs", pulumi.interpolate`service-revision/${own}/*`)],
      },
    ],
  });
  const { taskDefinition, networkConfiguration, loadBalancers, deploymentConfiguration } = service;
  const { result } = new Invocation(
    `${workload.name}-resolution-run`,
    {
      functionName: program.name,
      input: pulumi.jsonStringify({ cluster: host.clusterName, service: service.name }),
      triggers: {
        program: program.codeSha256,
        service: host.digest([taskDefinition, networkConfiguration, loadBalancers, deploymentConfiguration]),
      },
    },
    host.options(parent),
  );
  return result.apply((text) => {
    const { seconds, reason } = JSON.parse(text) as Answer;
    if (reason !== undefined) {
      const said = `CPU and memory are measured each minute, as AWS refuses to do so each 20 seconds: ${reason}`;
      void pulumi.log.warn(`AutoscalingPolicy of "${workload.name}": ${said}`, parent);
    }
    return seconds;
  });
}

/** Speaks to ECS by itself, as the SDK that Lambda brings along may be older than the field. */
const PROGRAM = `import json
import time

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

FINE = {"metricNames": ["CPUUtilization", "MemoryUtilization"], "resolutionSeconds": 20}
TRIES = 20
PAUSE_SECONDS = 3


class Refused(Exception):
    pass


def ecs(operation, **parameters):
    session = boto3.Session()
    url = session.client("ecs").meta.endpoint_url + "/"
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
    }
    request = AWSRequest("POST", url, headers=headers, data=json.dumps(parameters))
    SigV4Auth(session.get_credentials(), "ecs", session.region_name).add_auth(request)
    response = URLLib3Session().send(request.prepare())
    answer = json.loads(response.content or "{}")
    if response.status_code != 200:
        raise Refused(f"{operation}: {answer.get('message') or answer.get('Message') or answer}")
    return answer


def is_fine(cluster, service):
    (found,) = ecs("DescribeServices", cluster=cluster, services=[service])["services"]
    arns = [revision["arn"] for revision in found.get("currentServiceRevisions", [])]
    if not arns:
        return False
    revisions = ecs("DescribeServiceRevisions", serviceRevisionArns=arns)["serviceRevisions"]
    newest = max(revisions, key=lambda revision: revision.get("createdAt", 0))
    measured = {
        name
        for one in (newest.get("monitoring") or {}).get("metricConfigurations", [])
        if one["resolutionSeconds"] == FINE["resolutionSeconds"]
        for name in one["metricNames"]
    }
    return measured >= set(FINE["metricNames"])


def handler(event, context):
    cluster, service = event["cluster"], event["service"]
    try:
        if is_fine(cluster, service):
            return {"seconds": 20}
        ecs("UpdateService", cluster=cluster, service=service, monitoring={"metricConfigurations": [FINE]})
        for _ in range(TRIES):
            if is_fine(cluster, service):
                return {"seconds": 20}
            time.sleep(PAUSE_SECONDS)
        raise Refused("UpdateService was answered, but the service does not have it")
    except Refused as refused:
        return {"seconds": 60, "reason": str(refused)}
`;
