/** The table of gateway kinds: to add one, write its file and its line, and the image that it runs. */
import type { ImageName } from "../images";
import { envoy } from "./envoy";
import type { GatewayKind } from "./gateway-kind";

export const gatewayKinds = {
  envoy: { image: "envoy", plan: envoy },
} satisfies Record<string, { image: ImageName; plan: GatewayKind }>;

export type GatewayKindName = keyof typeof gatewayKinds;
