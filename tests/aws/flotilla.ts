/** The command line, whose embedded engine also has the aws provider of the tests: `flotilla.ts COMMAND OPTIONS`. */
import { DEFAULT_PROVIDERS } from "../../infra/engine/run";
import { AwsClient } from "./emulator";
import { AwsProvider } from "./provider/provider";

const { FLOTILLA_TEST_AWS_BRIDGE: bridge, FLOTILLA_TEST_AWS_MODELS: models } = process.env;
if (bridge === undefined || models === undefined) {
  throw new Error("flotilla.ts is run by the tests, which tell it where the emulated account is.");
}

DEFAULT_PROVIDERS.aws = ({ region }) => new AwsProvider(new AwsClient(bridge, region), models);

require("../../infra/cli/main");
