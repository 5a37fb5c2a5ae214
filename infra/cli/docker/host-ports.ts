/** Looks for taken host ports before anything is made. */
import type { HostPort, PortHolder } from "../../setup/ports";
import { UserError } from "../errors";

/**
 * Throws when somebody else than the stack itself listens where the stack will.
 *
 * @param label `<project>/<stack>`.
 * @param findPortHolders who listens on which of the ports.
 */
export async function checkHostPort(
  label: string,
  address: HostPort,
  findPortHolders: (ports: HostPort[]) => Promise<PortHolder[]>,
): Promise<void> {
  const other = (await findPortHolders([address])).find(({ stack }) => stack !== label);
  if (other !== undefined) {
    const fix = howToMovePort(label, address.port);
    throw new UserError(`Port ${address.port} of this machine is taken by ${other.holder}. ${fix}`);
  }
}

/** What to do about a taken port. */
export function howToMovePort(label: string, port: number): string {
  const stack = label.split("/").at(-1);
  return (
    "Free it, or take another one:\n" +
    `  npx flotilla config set --stack ${stack} --path flotilla:settings.httpPort ${port + 1}`
  );
}
