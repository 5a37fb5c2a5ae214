/** How requests find their way: load balancers and Cloud Map. */
import type { Also, AwsType } from "../aws-type";

function balancerAttribute(input: string, key: string): Also {
  const attributes = [{ Key: key, Value: "{text}" }];
  return {
    inputs: [input],
    call: ["ModifyLoadBalancerAttributes", { LoadBalancerArn: "{id}", Attributes: attributes }],
  };
}

function targetAttribute(input: string, key: string): Also {
  const attributes = [{ Key: key, Value: "{text}" }];
  return {
    inputs: [input],
    call: ["ModifyTargetGroupAttributes", { TargetGroupArn: "{id}", Attributes: attributes }],
  };
}

/** Actions of listeners and rules, whose kinds the package has without their "config". */
function actions(name: string): Record<string, string> {
  return {
    [`${name}.redirect`]: "RedirectConfig",
    [`${name}.fixedResponse`]: "FixedResponseConfig",
    [`${name}.forward`]: "ForwardConfig",
    [`${name}.forward.targetGroups.arn`]: "TargetGroupArn",
  };
}

const tagBalancing: AwsType["retag"] = ["AddTags", { ResourceArns: ["{id}"], Tags: "{value}" }];

const certificates = { Certificates: [{ CertificateArn: "{inputs.certificateArn}" }] };

export const traffic: Record<string, AwsType> = {
  "aws:lb/loadBalancer:LoadBalancer": {
    service: "elbv2",
    create: ["CreateLoadBalancer", {}],
    rename: { loadBalancerType: "Type", internal: "Scheme" },
    values: { internal: { true: "internal", false: "internet-facing" } },
    id: "{result.LoadBalancers.0.LoadBalancerArn}",
    read: ["DescribeLoadBalancers", { LoadBalancerArns: ["{id}"] }, "LoadBalancers[0]"],
    also: [
      balancerAttribute("idleTimeout", "idle_timeout.timeout_seconds"),
      balancerAttribute("enableDeletionProtection", "deletion_protection.enabled"),
      balancerAttribute("dropInvalidHeaderFields", "routing.http.drop_invalid_header_fields.enabled"),
      balancerAttribute("desyncMitigationMode", "routing.http.desync_mitigation_mode"),
      balancerAttribute("enableHttp2", "routing.http2.enabled"),
      balancerAttribute("preserveHostHeader", "routing.http.preserve_host_header.enabled"),
      balancerAttribute("xffHeaderProcessingMode", "routing.http.xff_header_processing.mode"),
      balancerAttribute("enableCrossZoneLoadBalancing", "load_balancing.cross_zone.enabled"),
      balancerAttribute("clientKeepAlive", "client_keep_alive.seconds"),
      {
        inputs: ["accessLogs"],
        call: [
          "ModifyLoadBalancerAttributes",
          {
            LoadBalancerArn: "{id}",
            Attributes: [
              { Key: "access_logs.s3.enabled", Value: "true" },
              { Key: "access_logs.s3.bucket", Value: "{value.bucket}" },
              { Key: "access_logs.s3.prefix", Value: "{value.prefix}" },
            ],
          },
        ],
      },
      {
        inputs: ["securityGroups"],
        onlyUpdates: true,
        call: ["SetSecurityGroups", { LoadBalancerArn: "{id}", SecurityGroups: "{value}" }],
      },
      {
        inputs: ["subnets"],
        onlyUpdates: true,
        call: ["SetSubnets", { LoadBalancerArn: "{id}", Subnets: "{value}" }],
      },
    ],
    delete: [["DeleteLoadBalancer", { LoadBalancerArn: "{id}" }]],
    retag: tagBalancing,
    named: ["name"],
    outputs: { arn: "LoadBalancerArn", dnsName: "DNSName", zoneId: "CanonicalHostedZoneId", vpcId: "VpcId" },
    parts: { arnSuffix: ["arn", /:loadbalancer\/(.*)$/] },
  },
  "aws:lb/targetGroup:TargetGroup": {
    service: "elbv2",
    create: ["CreateTargetGroup", {}],
    rename: {
      "healthCheck.enabled": "HealthCheckEnabled",
      "healthCheck.path": "HealthCheckPath",
      "healthCheck.port": "HealthCheckPort",
      "healthCheck.protocol": "HealthCheckProtocol",
      "healthCheck.interval": "HealthCheckIntervalSeconds",
      "healthCheck.timeout": "HealthCheckTimeoutSeconds",
      "healthCheck.healthyThreshold": "HealthyThresholdCount",
      "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
      "healthCheck.matcher": "Matcher.HttpCode",
    },
    id: "{result.TargetGroups.0.TargetGroupArn}",
    read: ["DescribeTargetGroups", { TargetGroupArns: ["{id}"] }, "TargetGroups[0]"],
    update: ["ModifyTargetGroup", { TargetGroupArn: "{id}" }],
    also: [
      targetAttribute("deregistrationDelay", "deregistration_delay.timeout_seconds"),
      targetAttribute("connectionTermination", "deregistration_delay.connection_termination.enabled"),
      targetAttribute("slowStart", "slow_start.duration_seconds"),
      targetAttribute("loadBalancingAlgorithmType", "load_balancing.algorithm.type"),
      targetAttribute("preserveClientIp", "preserve_client_ip.enabled"),
      targetAttribute("proxyProtocolV2", "proxy_protocol_v2.enabled"),
    ],
    delete: [["DeleteTargetGroup", { TargetGroupArn: "{id}" }]],
    retag: tagBalancing,
    named: ["name"],
    outputs: { arn: "TargetGroupArn" },
    parts: { arnSuffix: ["arn", /:(targetgroup\/.*)$/] },
  },
  "aws:lb/listener:Listener": {
    service: "elbv2",
    create: ["CreateListener", certificates],
    rename: actions("defaultActions"),
    ignore: ["certificateArn"],
    id: "{result.Listeners.0.ListenerArn}",
    read: ["DescribeListeners", { ListenerArns: ["{id}"] }, "Listeners[0]"],
    update: ["ModifyListener", { ListenerArn: "{id}", ...certificates }],
    delete: [["DeleteListener", { ListenerArn: "{id}" }]],
    retag: tagBalancing,
    named: ["loadBalancerArn", "port"],
    outputs: { arn: "ListenerArn" },
  },
  "aws:lb/listenerRule:ListenerRule": {
    service: "elbv2",
    create: ["CreateRule", {}],
    rename: {
      ...actions("actions"),
      "conditions.hostHeader": "HostHeaderConfig",
      "conditions.pathPattern": "PathPatternConfig",
      "conditions.httpHeader": "HttpHeaderConfig",
      "conditions.httpRequestMethod": "HttpRequestMethodConfig",
      "conditions.sourceIp": "SourceIpConfig",
    },
    id: "{result.Rules.0.RuleArn}",
    read: ["DescribeRules", { RuleArns: ["{id}"] }, "Rules[0]"],
    update: ["ModifyRule", { RuleArn: "{id}" }],
    replace: ["priority"],
    delete: [["DeleteRule", { RuleArn: "{id}" }]],
    retag: tagBalancing,
    named: ["listenerArn", "priority"],
    outputs: { arn: "RuleArn" },
  },
  "aws:wafv2/webAclAssociation:WebAclAssociation": {
    service: "wafv2",
    create: ["AssociateWebACL", {}],
    id: "{inputs.webAclArn},{inputs.resourceArn}",
    read: ["GetWebACLForResource", { ResourceArn: "{inputs.resourceArn}" }, "WebACL"],
    delete: [["DisassociateWebACL", { ResourceArn: "{inputs.resourceArn}" }]],
    named: ["resourceArn"],
  },
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
    service: "servicediscovery",
    create: ["CreatePrivateDnsNamespace", {}],
    id: ["GetOperation", { OperationId: "{result.OperationId}" }, "Operation.Targets.NAMESPACE"],
    read: ["GetNamespace", { Id: "{id}" }, "Namespace"],
    delete: [["DeleteNamespace", { Id: "{id}" }]],
    named: ["name", "vpc"],
    outputs: { arn: "Arn", hostedZone: "Properties.DnsProperties.HostedZoneId" },
  },
  "aws:servicediscovery/service:Service": {
    service: "servicediscovery",
    create: ["CreateService", {}],
    ignore: ["forceDestroy"],
    id: "{result.Service.Id}",
    read: ["GetService", { Id: "{id}" }, "Service"],
    delete: [["DeleteService", { Id: "{id}" }]],
    named: ["name", "namespaceId"],
    outputs: { arn: "Arn" },
  },
};
