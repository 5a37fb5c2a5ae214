import type { Listener } from "@pulumi/aws/lb/listener";
import { ListenerRule } from "@pulumi/aws/lb/listenerRule";
import type { TargetGroup } from "@pulumi/aws/lb/targetGroup";
import { WebAclAssociation } from "@pulumi/aws/wafv2/webAclAssociation";
import type * as pulumi from "@pulumi/pulumi";
import type { Exposed, Listener as ListenerSpec } from "../../../platform";
import type { EcsHost } from "../host";
import type { EcsWorkload } from "../workload";
import { accessLogs } from "./access-logs";
import { attachListeners, type Forwarding } from "./attach";
import type { AlbArgs } from "./expose-args";
import { listener, loadBalancer, TLS_POLICY } from "./load-balancer";
import { publicUrl } from "./public-url";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Sends all requests to the first group of targets, and by and by to the second: ECS moves the shares. */
function dividingRule(
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
  const balancer = loadBalancer(
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
  const { arn: loadBalancerArn, dnsName } = balancer.loadBalancer;
  if (webAclArn !== undefined) {
    const association = { resourceArn: loadBalancerArn, webAclArn };
    new WebAclAssociation(`${name}-firewall`, association, host.options(parent));
  }
  if (redirects) {
    const redirect = { protocol: "HTTPS", port: String(HTTPS_PORT), statusCode: "HTTP_301" };
    const defaultActions = [{ type: "redirect", redirect }];
    const insecure = { loadBalancerArn, port: HTTP_PORT, protocol: "HTTP", defaultActions };
    listener(host, `${name}-redirect`, insecure, parent);
  }
  const tls =
    certificateArn === undefined
      ? { protocol: "HTTP" }
      : { protocol: "HTTPS", certificateArn, sslPolicy: TLS_POLICY };
  const forwarding: Forwarding = {
    protocol: "HTTP",
    open({ port: own }, primary, alternate) {
      // Where there is a rule, that comes first; requests also find their way while it is made.
      const defaultActions = [{ type: "forward", targetGroupArn: primary.arn }];
      const listening = listener(
        host,
        `${name}-listener-${own}`,
        { loadBalancerArn, port: own, ...tls, defaultActions },
        parent,
      );
      const moved =
        alternate && dividingRule(host, `${name}-rule-${own}`, listening, primary, alternate, parent);
      return { listener: listening, moved: moved ?? listening };
    },
    requestMetric: ({ arnSuffix }, targets) => ({ balancer: arnSuffix, targets: targets.arnSuffix }),
  };
  attachListeners(host, name, workload, listeners, balancer, forwarding, parent);
  return { url: publicUrl(certificateArn === undefined ? "http" : "https", dnsName, port) };
}
