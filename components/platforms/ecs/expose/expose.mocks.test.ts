import assert from "node:assert/strict";
import { test } from "node:test";
import type { Listener } from "../../../platform";
import { Problems } from "../../../problems";
import { deployed } from "../testing";
import { checkListeners } from "./check-listeners";
import type { ExposeArgs, NlbArgs } from "./expose-args";

const CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/1a2b";
const WEB_ACL = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/1a2b";
const LISTENER = "aws:lb/listener:Listener";
const GROUP = "aws:lb/targetGroup:TargetGroup";

async function exposed(expose: ExposeArgs, strategy?: "canary" | "linear" | "blue-green") {
  return deployed({}, { expose, rollout: { strategy, alarms: ["errors"] } });
}

test("an alb with a certificate speaks TLS, sends HTTP there, asks the firewall and keeps a log", async () => {
  const recorder = await exposed({ kind: "alb", certificateArn: CERTIFICATE, webAclArn: WEB_ACL });
  const { inputs } = recorder.one("aws:lb/loadBalancer:LoadBalancer", "edge-public");
  assert.deepEqual(
    [
      inputs.loadBalancerType,
      inputs.internal,
      inputs.enableDeletionProtection,
      inputs.dropInvalidHeaderFields,
    ],
    ["application", false, false, true],
  );
  assert.deepEqual((inputs.accessLogs as { enabled: boolean; prefix: string }).prefix, "edge");
  const listeners = recorder.all(LISTENER).map((one) => {
    const [action] = one.inputs.defaultActions as { type: string; redirect?: object }[];
    return [one.inputs.port, one.inputs.protocol, one.inputs.certificateArn, action.type, action.redirect];
  });
  assert.deepEqual(listeners.sort(), [
    [443, "HTTPS", CERTIFICATE, "forward", undefined],
    [80, "HTTP", undefined, "redirect", { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" }],
  ]);
  const firewall = recorder.one("aws:wafv2/webAclAssociation:WebAclAssociation", "edge-firewall").inputs;
  assert.equal(firewall.webAclArn, WEB_ACL);
});

test("a load balancer asks the agent whether a task is ready, and lets go as long as the task drains", async () => {
  const recorder = await exposed("alb");
  const { inputs } = recorder.one(GROUP, "edge-targets-8080");
  assert.deepEqual([inputs.deregistrationDelay, inputs.port, inputs.protocol], [5, 8080, "HTTP"]);
  const { port, path, matcher } = inputs.healthCheck as Record<string, string>;
  assert.deepEqual([port, path, matcher], ["15000", "/ready", "200"]);
  assert((inputs.name as string).length <= 32);
});

test("an nlb passes connections on; with a certificate it speaks TLS and HTTP/2", async () => {
  const plain = await exposed("nlb");
  assert.equal(plain.one(LISTENER, "edge-listener-443").inputs.protocol, "TCP");
  assert.equal(plain.all("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").length, 0);
  const secure = await exposed({ kind: "nlb", certificateArn: CERTIFICATE, internal: true });
  const { inputs } = secure.one(LISTENER, "edge-listener-443");
  assert.deepEqual(
    [inputs.protocol, inputs.certificateArn, inputs.alpnPolicy],
    ["TLS", CERTIFICATE, "HTTP2Preferred"],
  );
  const { internal, subnets } = secure.one("aws:lb/loadBalancer:LoadBalancer", "edge-public").inputs;
  assert.deepEqual([internal, subnets], [true, ["shop-private-1-id", "shop-private-2-id"]]);
});

test("a gateway takes an alb's word of the client's address; an nlb passes it on", async () => {
  const behind = async (expose: ExposeArgs) => {
    const recorder = await exposed(expose);
    const { content } = recorder.one(
      "aws:s3/bucketObjectv2:BucketObjectv2",
      "edge-agent-envoy-files-1",
    ).inputs;
    const hops = /xff_num_trusted_hops\W+(\d)/.exec(content as string)?.[1];
    return [hops, recorder.one(GROUP, "edge-targets-8080").inputs.preserveClientIp];
  };
  assert.deepEqual(await behind("alb"), ["1", undefined]);
  assert.deepEqual(await behind("nlb"), ["0", "true"]);
});

test("what a load balancer cannot pass on is refused, with what to write", () => {
  const said = (listeners: Listener[], expose: "alb" | NlbArgs): readonly string[] => {
    const problems = new Problems('Gateway "edge"');
    checkListeners(problems, listeners, expose === "alb" ? { kind: "alb" } : expose);
    return problems.messages;
  };
  const tls: Listener = { port: 8443, to: "https", protocol: "https" };
  const tcp: Listener = { port: 6379, to: "tcp-6379", protocol: "tcp" };
  assert.deepEqual(said([tls, tcp], "alb"), [
    'Gateway "edge": tls cannot be served on ECS by an alb, which ends TLS itself, got 8443. Take it out and give expose a certificateArn, or write expose: "nlb" for the platform.',
    'Gateway "edge": tcp cannot be served on ECS by an alb, which speaks HTTP only, got 6379. Write expose: "nlb" for the platform.',
  ]);
  assert.deepEqual(said([tls, tcp], { kind: "nlb" }), []);
  assert.deepEqual(said([tls], { kind: "nlb", certificateArn: CERTIFICATE }), [
    'Gateway "edge": tls cannot be served beside expose.certificateArn, with which the load balancer ends TLS itself, got 8443. Take one of the two out.',
  ]);
});

const STRATEGIES = {
  canary: {
    strategy: "CANARY",
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: "5" },
    bakeTimeInMinutes: "5",
  },
  linear: {
    strategy: "LINEAR",
    linearConfiguration: { stepPercent: 10, stepBakeTimeInMinutes: "5" },
    bakeTimeInMinutes: "5",
  },
  "blue-green": { strategy: "BLUE_GREEN", bakeTimeInMinutes: "5" },
};

for (const strategy of ["canary", "linear", "blue-green"] as const) {
  test(`a gateway's ${strategy} rollout shifts requests between two groups; other services roll`, async () => {
    const recorder = await exposed("alb", strategy);
    const services = recorder.byName("aws:ecs/service:Service");
    const [edge, users] = ["edge-service", "users-service"].map((name) => services.get(name)!);
    assert.deepEqual(edge.deploymentConfiguration, STRATEGIES[strategy]);
    assert.deepEqual(users.deploymentConfiguration, { strategy: "ROLLING" });
    for (const service of [edge, users]) {
      assert.deepEqual(service.deploymentCircuitBreaker, { enable: true, rollback: true });
      assert.deepEqual(service.alarms, { alarmNames: ["errors"], enable: true, rollback: true });
    }
    const [{ advancedConfiguration }] = edge.loadBalancers as [
      { advancedConfiguration: Record<string, string> },
    ];
    const rule = recorder.one("aws:lb/listenerRule:ListenerRule", "edge-rule-443");
    assert.match(advancedConfiguration.productionListenerRule, /edge-rule-443$/);
    assert.match(advancedConfiguration.alternateTargetGroupArn, /edge-targets-8080-2$/);
    assert.deepEqual(rule.ignoreChanges, ["actions"]);
    assert.equal(recorder.all(GROUP).length, 2);
  });
}
