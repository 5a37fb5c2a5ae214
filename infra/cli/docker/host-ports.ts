/** Looks for taken host ports before anything is made. */
import type { PortHolder } from "../context";
import { UserError } from "../errors";
import type { StackOnDocker } from "./stack-on-docker";

/**
 * Throws when somebody else listens on the port that the stack will publish.
 *
 * @param findPortHolders who listens on which of the ports, on this machine.
 */
export async function checkHostPort(
  stack: StackOnDocker,
  port: number,
  findPortHolders: (ports: number[]) => Promise<PortHolder[]>,
): Promise<void> {
  const parts = await stack.parts();
  const isOurs = parts.some(({ ports }) => ports.some((address) => address.endsWith(`:${port}`)));
  const [taken] = isOurs ? [] : await findPortHolders([port]);
  if (taken !== undefined) {
    const stackName = stack.label.split("/").at(-1);
    throw new UserError(
      `Port ${port} of this machine is taken by ${taken.holder}. Free it, or take another one:\n` +
        `  npm run config -- set --stack ${stackName} --path flotilla:settings.httpPort ${port + 1}`,
    );
  }
}
