/**
 * Another passphrase for a stack.
 */
import { openStack, type ProjectOptions } from "./stack-files";
import { StackLock } from "./state/lock";
import { putResealed } from "./state/resealing";
import { PassphraseSecrets } from "./state/secrets";

export interface PassphraseOptions extends ProjectOptions {
  newPassphrase: string;
}

/**
 * Seals all secrets of a stack, in its configuration and its state, with another passphrase. Its history and backups
 * stay as they are.
 *
 * @throws when the passphrase is not the stack's, or somebody else works on the stack
 */
export async function changePassphrase({ newPassphrase, ...options }: PassphraseOptions): Promise<void> {
  if (newPassphrase === "") throw new Error("The new passphrase is empty. Nothing was changed.");
  const { configuration, layout, store } = openStack(options);
  layout.prepare();
  const lock = StackLock.acquire(layout.lockDirectory);
  try {
    store.fold();
    if (configuration.salt) PassphraseSecrets.open(options.passphrase, configuration.salt);
    const secrets = PassphraseSecrets.create(newPassphrase);
    await putResealed(layout, configuration.file, {
      configuration: configuration.resealed(secrets),
      checkpoint: store.resealed(newPassphrase, secrets.salt),
    });
  } finally {
    lock.release();
  }
}
