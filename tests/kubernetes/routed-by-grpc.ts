/** A gRPC service that tells which method it was asked for, behind the host of its own that the Gateway API wants. */
import { defineArchitecture } from "../../infra/architecture";
import routed from "./routed";

/** Answers each call with one message: the path of the method, after the five bytes that say how long it is. */
const program = `
  require("node:http2").createServer().on("stream", (stream, { ":path": method }) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(Buffer.byteLength(method), 1);
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.concat([head, Buffer.from(method)]));
  }).listen(8080);
  process.on("SIGTERM", () => process.exit());
`;

export default defineArchitecture({
  ...routed,
  services: {
    ...routed.services,
    quotes: {
      image: "catalogue:node",
      entrypoint: ["node", "-e", program],
      ports: [{ port: 8080, protocol: "grpc" }],
      probe: { tcp: {}, startPeriodSeconds: 60 },
    },
  },
  gateway: {
    routes: [
      { path: "/orders", to: "orders", hosts: ["orders.example.com"] },
      { path: "/shop.Quotes", to: "quotes", hosts: ["grpc.example.com"] },
    ],
  },
});
