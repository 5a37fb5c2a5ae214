import { checkReplicas } from "./check-replicas";
import { checkPort, checkUnique, checkWhole } from "./fields";
import type { GatewayArgs } from "./gateway";
import { gatewaySpec, targetsOf } from "./gateway-spec";
import { gatewayKinds } from "./gateways";
import { checkAddresses } from "./policies/addresses";
import { checkAuthentication } from "./policies/authentication";
import { checkAccess } from "./policies/authorization";
import { checkCors } from "./policies/cors";
import { checkLimits } from "./policies/limits";
import { checkRateLimit } from "./policies/rate-limit";
import { checkSecurityHeaders } from "./policies/security-headers";
import { checkTcp } from "./policies/tcp";
import { checkTls } from "./policies/tls";
import { checkUpstreams } from "./policies/upstream";
import type { Problems } from "./problems";
import { BODY, checkRoute, checkShadows, matchOf } from "./route";

type CheckedArgs = Omit<GatewayArgs, "platform" | "registry">;

/** Records everything that is wrong with a gateway's arguments. */
export function checkGateway(problems: Problems, args: CheckedArgs): void {
  const { authentication = {} } = args;
  if (args.routes.length === 0) {
    problems.add("routes", "must not be empty", [], 'Write [{ path: "/", to: "users" }].');
  }
  if (args.kind !== undefined && !(args.kind in gatewayKinds)) {
    const kinds = Object.keys(gatewayKinds);
    problems.add("kind", `must be one of ${kinds.join(", ")}`, args.kind, `Write "${kinds[0]}".`);
  }
  if (args.port !== undefined) {
    checkPort(problems, "port", args.port);
  }
  checkReplicas(problems, args.replicas, { least: 1, most: 100 });
  checkWhole(problems, "cpuMillicores", args.cpuMillicores, { min: 10, max: 128000, unit: "millicores" });
  checkWhole(problems, "memoryMiB", args.memoryMiB, { min: 64, max: 1048576, unit: "MiB" });
  checkAuthentication(problems, "authentication", authentication);
  checkPolicies(problems, args);
  args.routes.forEach((route, index) => {
    checkRoute(problems, `routes[${index}]`, route);
    checkAccess(problems, `routes[${index}]`, route, authentication);
  });
  const matches = args.routes.map((route, index) => ({ path: `routes[${index}]`, value: matchOf(route) }));
  checkUnique(problems, matches, "Take one of the two out.");
  checkShadows(problems, args.routes);
}

/** What holds for the gateway as a whole, or for routes that say nothing else. */
function checkPolicies(problems: Problems, args: CheckedArgs): void {
  const { authentication = {}, port = 8080, tls } = args;
  checkWhole(problems, "maxBodyKiB", args.maxBodyKiB, BODY);
  checkWhole(problems, "trustedProxies", args.trustedProxies, { min: 0, max: 10, unit: "proxies" });
  checkLimits(problems, "limits", args.limits ?? {});
  if (args.addresses !== undefined) {
    checkAddresses(problems, "addresses", args.addresses);
  }
  if (args.cors !== undefined) {
    checkCors(problems, "cors", args.cors);
  }
  if (args.rateLimit !== undefined) {
    checkRateLimit(problems, "rateLimit", args.rateLimit, Object.keys(authentication).length > 0);
  }
  if (args.securityHeaders !== undefined) {
    checkSecurityHeaders(problems, "securityHeaders", args.securityHeaders);
  }
  if (tls !== undefined) {
    checkTls(problems, "tls", tls, args.port);
  }
  checkTcp(problems, "tcp", args.tcp ?? [], [port, ...(tls === undefined ? [] : [tls.port ?? 8443])]);
  if (args.upstreams !== undefined) {
    const services = targetsOf(gatewaySpec(args)).map(({ service, port: name }) => {
      return name === undefined ? service : `${service}:${name}`;
    });
    checkUpstreams(problems, "upstreams", args.upstreams, [...new Set(services)]);
  }
}
