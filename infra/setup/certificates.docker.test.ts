import assert from "node:assert/strict";
import { after, test } from "node:test";
import { dockerConnection } from "../engine/providers/docker/connection";
import { buildImage } from "./build-image";
import { trustContext } from "./certificates";
import { ensureImages } from "./images";
import { selfSigned } from "./testing/self-signed";

const docker = dockerConnection();
const reference = `flotilla-test-trust-${process.pid}:1`;
after(() => docker.getImage(reference).remove({ force: true }));

test("An image with extra certificate authorities has them in its bundle, and programs are pointed to it", async () => {
  const certificate = await selfSigned("Flotilla test");
  const { redis } = await ensureImages(["redis"]);
  const check = `RUN tr -d '\\n' < /etc/ssl/certs/ca-certificates.crt | grep -F -e '${certificate.replaceAll("\n", "")}'\n`;
  const [dockerfile, ...files] = trustContext([certificate]);
  const context = [{ path: "Dockerfile", content: `${dockerfile!.content}${check}` }, ...files];
  await buildImage(docker, { reference, context, arguments: { BASE_IMAGE: redis! }, labels: {} }, () => {});
  const { Config } = await docker.getImage(reference).inspect();
  const environment = Config.Env.filter((variable) =>
    /^(NODE_EXTRA_CA_CERTS|PIP_CERT|SSL_CERT_FILE)=/.test(variable),
  );
  assert.deepEqual(environment.toSorted(), [
    "NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/flotilla.pem",
    "PIP_CERT=/etc/ssl/certs/ca-certificates.crt",
    "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
  ]);
});

test("A failed build ends with the last lines of its output", async () => {
  const { redis } = await ensureImages(["redis"]);
  const context = [{ path: "Dockerfile", content: `FROM ${redis}\nRUN echo "what went wrong" && exit 3\n` }];
  await assert.rejects(
    buildImage(docker, { reference, context, arguments: {}, labels: {} }, () => {}),
    /returned a non-zero code: 3\n[\s\S]*what went wrong/,
  );
});
