/** What keeps the network of a task: the program beside this file, in an image of its own. */
import * as fs from "node:fs";
import * as path from "node:path";
import type Docker from "dockerode";
import { buildImage } from "../../../../infra/setup/build-image";

const IMAGE = "flotilla.local/tests/firewall";
const FILES = ["Dockerfile", "go.mod", "go.sum", "main.go"];

/** Who may connect to a task, by address and port. */
export interface Admission {
  /** @example "172.20.0.5/32" */
  from: string;
  fromPort: number;
  toPort: number;
}

/**
 * Builds the image, from the daemon's cache where nothing has changed.
 *
 * @param golang image that has Go
 */
export async function firewallImage(docker: Docker, golang: string): Promise<string> {
  const context = FILES.map((name) => ({ path: name, content: fs.readFileSync(path.join(__dirname, name)) }));
  const labels = { "flotilla.stand-in": "tests" };
  await buildImage(docker, { reference: IMAGE, context, arguments: { GO_IMAGE: golang }, labels }, () => {});
  return IMAGE;
}

/** Replaces what holds in the network that a container of that image keeps. */
export async function admit(container: Docker.Container, admissions: Admission[]): Promise<void> {
  const Cmd = ["/firewall", JSON.stringify(admissions)];
  const started = await container.exec({ Cmd, AttachStdout: true, AttachStderr: true, Tty: true });
  let told = "";
  for await (const chunk of await started.start({ Tty: true })) told += chunk;
  const { ExitCode } = await started.inspect();
  if (ExitCode !== 0) throw new Error(`The firewall of a task ended with ${ExitCode}: ${told}`);
}
