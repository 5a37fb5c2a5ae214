import { REGION } from "./account-stack";
import { type AwsClient, AwsEmulator } from "./emulator";
import { PretendedTasks } from "./pretended-tasks";

/** An emulated account, whose services and tasks are only said to run. */
export class PretendedAccount {
  readonly aws: AwsClient;
  readonly tasks: PretendedTasks;

  private constructor(readonly emulator: AwsEmulator) {
    this.aws = emulator.client(REGION);
    this.tasks = new PretendedTasks(this.aws);
  }

  static async open(options?: Parameters<typeof AwsEmulator.start>[1]): Promise<PretendedAccount> {
    return new PretendedAccount(await AwsEmulator.start(undefined, options));
  }

  async close(): Promise<void> {
    await this.tasks.stop();
    await this.emulator.stop();
  }
}
