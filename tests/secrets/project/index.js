// @ts-nocheck: a program as users write it
/** Puts a secret wherever one can get to. STORY says what goes wrong in the end, VALUE what changes. */
const docker = require("@pulumi/docker");
const pulumi = require("@pulumi/pulumi");
const random = require("@pulumi/random");
const tls = require("@pulumi/tls");

const { BASE, STORY, VALUE } = process.env;
const token = new pulumi.Config().requireSecret("token");

/** Served by the plugin of the engine's tests: its output `echo` holds the value as JSON, unmarked. */
class Thing extends pulumi.CustomResource {
  constructor(name, args, options) {
    super(
      "probe:index:Thing",
      name,
      { arn: undefined, echo: undefined, ...args },
      { version: "1.0.0", ...options },
    );
  }
}

const base64 = (text) => Buffer.from(text).toString("base64");

const things = {
  plain: { value: token, other: VALUE },
  nested: { value: { list: [{ deep: token, beside: VALUE }] } },
  longer: { value: pulumi.interpolate`postgres://user:${token}@db/${VALUE}` },
  encoded: { value: token.apply((text) => base64(`user:${text}`)), other: VALUE },
  json: { value: token.apply((text) => JSON.stringify({ text })), other: VALUE },
};
const made = Object.entries(things).map(([name, args]) => new Thing(name, args));
const marked = new Thing("marked", { value: VALUE }, { additionalSecretOutputs: ["arn"] });
const password = new random.RandomPassword("password", { length: 24 });
const key = new tls.PrivateKey("key", { algorithm: "RSA" });
const certificate = new tls.SelfSignedCert("certificate", {
  privateKeyPem: key.privateKeyPem,
  ...{ validityPeriodHours: 24, allowedUses: ["server_auth"], subject: { commonName: "canary" } },
});
const lookUp = pulumi.runtime.invokeOutput("probe:index:echo", { text: token }, { version: "1.0.0" });
new Thing("asked", { value: lookUp.apply(({ echo }) => echo), other: VALUE });
const container = new docker.Container("container", {
  ...{ image: BASE, command: ["sleep", "infinity"], destroyGraceSeconds: 0, mustRun: true },
  envs: [pulumi.interpolate`TOKEN=${token}`, `VALUE=${VALUE}`],
  labels: [{ label: "flotilla.stack", value: "canary/s" }],
});
token.apply((text) => console.log(`the program says ${text}`));

const stories = {
  error: () => new Thing("quoting", { value: token, fail: "quote" }),
  partial: () => new Thing("quoting", { value: token, fail: "partial-quote" }),
  throwing: () =>
    token.apply((text) => {
      throw new Error(`cannot use ${text}, nor ${base64(text)}`);
    }),
  build: () =>
    new docker.RemoteImage("built", {
      name: "canary/built:1",
      build: { context: `${__dirname}/broken`, buildArgs: { BASE, TOKEN: token } },
    }),
  dump: () => process.report.writeReport(),
};
stories[STORY]?.();

module.exports = {
  ...{ token, password: password.result, key: key.privateKeyPem, certificate: certificate.certPem },
  ...{ echoes: pulumi.all(made.map((each) => each.echo)), arn: marked.arn, name: container.name },
  token64: token.apply((text) => base64(`:${text}`)),
};
