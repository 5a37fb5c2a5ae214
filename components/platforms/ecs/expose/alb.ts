import type { Listener } from "@pulumi/aws/lb/listener";
import { ListenerRule } from "@pulumi/aws/lb/listenerRule";
import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { WebAclAssociation } from "@pulumi/aws/wafv2/webAclAssociation";
import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener as ListenerSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import { accessLogs } from "./access-logs";
import type { AlbArgs } from "./expose-args";
import { listener, loadBalancer, openWay, TLS_POLICY, targetGroup } from "./load-balancer";
import { portOf, publicUrl } from "./public-url";
import { trafficShift } from "./traffic-shift";

/** What no rule sends anywhere. */
const NOWHERE = {
  type: "fixed-response",
  fixedResponse: { statusCode: "404", contentType: "text/plain", messageBody: "There is nothing here." },
};

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Sends all requests to the first group of targets, and by and by to the second: ECS moves the shares. */
function shiftedRule(
  host: EcsHost,
  resource: string,
  { arn }: Listener,
  primary: TargetGroup,
  alternate: TargetGroup,
  parent: pulumi.Resource,
): ListenerRule {
  const targetGroups = [
    { arn: primary.arn, weight: 100 },
    { arn: alternate.arn, weight: 0 },
  ];
  return new ListenerRule(
    resource,
    {
      listenerArn: arn,
      priority: 1,
      conditions: [{ pathPattern: { values: ["/*"] } }],
      actions: [{ type: "forward", forward: { targetGroups } }],
      tags: host.tags(resource),
    },
    host.options(parent, { ignoreChanges: ["actions"] }),
  );
}

/** An Application Load Balancer in front of a workload. */
export function alb(
  host: EcsHost,
  name: string,
  workload: EcsWorkload,
  listeners: ListenerSpec[],
  args: AlbArgs,
  parent: pulumi.Resource,
): Exposed {
  const { certificateArn, webAclArn, idleTimeoutSeconds = 60 } = args;
  const [{ port }] = listeners;
  const redirects = certificateArn !== undefined && port === HTTPS_PORT;
  const ports = [...listeners.map((one) => one.port), ...(redirects ? [HTTP_PORT] : [])];
  const { loadBalancer: balancer, groupId } = loadBalancer(
    host,
    name,
    args,
    ports,
    {
      loadBalancerType: "application",
      idleTimeout: idleTimeoutSeconds,
      dropInvalidHeaderFields: true,
      accessLogs: (args.accessLogs ?? true) ? accessLogs(host, name, parent) : undefined,
    },
    parent,
  );
  if (webAclArn !== undefined) {
    const association = { resourceArn: balancer.arn, webAclArn };
    new WebAclAssociation(`${name}-firewall`, association, host.options(parent));
  }
  if (redirects) {
    const redirect = { protocol: "HTTPS", port: String(HTTPS_PORT), statusCode: "HTTP_301" };
    const defaultActions = [{ type: "redirect", redirect }];
    const insecure = { loadBalancerArn: balancer.arn, port: HTTP_PORT, protocol: "HTTP", defaultActions };
    listener(host, `${name}-redirect`, insecure, parent);
  }
  const tls =
    certificateArn === undefined
      ? { protocol: "HTTP" }
      : { protocol: "HTTPS", certificateArn, sslPolicy: TLS_POLICY };
  const needed = openWay(
    host,
    name,
    workload,
    listeners.map(({ to }) => portOf(workload, to)),
    groupId,
    parent,
  );
  for (const one of listeners) {
    const containerPort = portOf(workload, one.to);
    const group = targetGroup(host, name, "", workload, containerPort, "HTTP", parent);
    const shift = trafficShift(host, name, workload, containerPort, "HTTP", group, parent);
    const forward = { type: "forward", targetGroupArn: group.arn };
    const listening = listener(
      host,
      `${name}-listener-${one.port}`,
      {
        loadBalancerArn: balancer.arn,
        port: one.port,
        ...tls,
        defaultActions: [shift === undefined ? forward : NOWHERE],
      },
      parent,
    );
    const rule =
      shift && shiftedRule(host, `${name}-rule-${one.port}`, listening, group, shift.alternate, parent);
    const shifting = rule && shift?.configuration(rule.arn);
    workload.attach({
      loadBalancer: {
        targetGroupArn: group.arn,
        containerName: workload.spec.main.name,
        containerPort,
        advancedConfiguration: shifting?.advanced,
      },
      needed: [listening, ...needed, ...(rule === undefined ? [] : [rule]), ...(shifting?.needed ?? [])],
      requestMetric: { balancer: balancer.arnSuffix, targets: group.arnSuffix },
    });
  }
  return { url: publicUrl(certificateArn === undefined ? "http" : "https", balancer.dnsName, port) };
}
