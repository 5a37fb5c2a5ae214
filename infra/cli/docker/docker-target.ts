/** Local Docker, as the command line sees it. */
import { checkDocker } from "../doctor/docker";
import { UserError } from "../errors";
import type { Target } from "../targets/target";
import { checkHostPort, howToMovePort } from "./host-ports";
import { remoteHost } from "./remote-host";
import { StackOnDocker } from "./stack-on-docker";

export const dockerTarget: Target = {
  name: "Docker",

  async prepare({ setup }, { registryKind }) {
    // Where images come from on this daemon is part of what an up would change.
    await setup.ensureDocker();
    await setup.ensureImages(registryKind);
  },

  checkBeforeUp({ setup }, { label, settings }) {
    return checkHostPort(label, publishedAddress(settings), setup.findPortHolders);
  },

  async diagnose(context, { label, settings }) {
    const findings = await checkDocker(context);
    if (findings.some(({ level }) => level === "problem")) {
      return findings;
    }
    const { host, port } = publishedAddress(settings);
    const [holder] = await context.setup.findPortHolders([{ host, port }]);
    const told = `Port ${host}:${port} is ${holder === undefined ? "free" : `taken by ${holder.holder}`}`;
    const isOthers = holder !== undefined && holder.stack !== label;
    const fix = isOthers ? { fix: howToMovePort(label, port) } : {};
    return [...findings, { level: isOthers ? "problem" : "fine", told, ...fix }];
  },

  warnings({ daemonUrl }) {
    const host = remoteHost(daemonUrl());
    return host === undefined
      ? []
      : [`Docker runs on ${host}, so a URL with 127.0.0.1 is that machine's own.`];
  },

  async open({ docker }, { label }) {
    return new StackOnDocker(await docker(), label);
  },
};

/** Where on this machine the stack will listen. */
export function publishedAddress(settings: Record<string, unknown>): { host: string; port: number } {
  const { httpPort = 8080, publishAddress = "127.0.0.1" } = settings;
  if (typeof httpPort !== "number" || !Number.isInteger(httpPort) || httpPort < 1 || httpPort > 65535) {
    throw new UserError(
      `flotilla:settings.httpPort must be a whole number from 1 to 65535, got ${JSON.stringify(httpPort)}.`,
    );
  }
  return { host: String(publishAddress), port: httpPort };
}
