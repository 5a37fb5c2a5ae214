/** Makes the machine ready without deploying anything: what tests need before they start. */
import { ensureDocker } from "./docker";
import { ensureImages } from "./images";

async function main(): Promise<void> {
  await ensureDocker();
  await ensureImages();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
