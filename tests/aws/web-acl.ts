import type { AwsClient } from "./emulator";

/** A firewall that lets everything pass, as a user has one; its ARN. */
export function createWebAcl(aws: AwsClient, name: string): Promise<string> {
  const visibility = { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: name };
  const acl = { Name: name, Scope: "REGIONAL", DefaultAction: { Allow: {} }, VisibilityConfig: visibility };
  return aws.call("wafv2", "CreateWebACL", acl, "Summary.ARN");
}
