/** SelfSignedCert, CertRequest and LocallySignedCert. */
import type { Properties } from "../../provider";
import type { GeneratedKind } from "../generated";
import { validateNames } from "./names";
import { validateUses } from "./usages";

const HOUR_MS = 3_600_000;

/** Required when something is made: it takes as long to load as half of the engine. */
const issuer = (): typeof import("./issue") => require("./issue");

const CERTIFICATE_DEFAULTS = { earlyRenewalHours: 0, isCaCertificate: false, setSubjectKeyId: false };

const renewal = {
  property: "readyForRenewal",
  isDue: ({ validityEndTime, earlyRenewalHours = 0 }: Properties) =>
    Date.parse(validityEndTime) - earlyRenewalHours * HOUR_MS <= Date.now(),
};

export const selfSignedCert: GeneratedKind = {
  defaults: { ...CERTIFICATE_DEFAULTS, setAuthorityKeyId: false },
  required: ["allowedUses", "privateKeyPem", "validityPeriodHours"],
  secretOutputs: ["privateKeyPem"],
  updatable: ["earlyRenewalHours"],
  renewal,
  validate: (inputs) => [...validateUses(inputs), ...validateNames(inputs)],
  generate: async (inputs) => issuer().issueSelfSigned(inputs),
};

export const certRequest: GeneratedKind = {
  defaults: {},
  required: ["privateKeyPem"],
  secretOutputs: ["privateKeyPem"],
  validate: validateNames,
  generate: async (inputs) => issuer().requestCertificate(inputs),
};

export const locallySignedCert: GeneratedKind = {
  defaults: CERTIFICATE_DEFAULTS,
  required: ["allowedUses", "caCertPem", "caPrivateKeyPem", "certRequestPem", "validityPeriodHours"],
  secretOutputs: ["caPrivateKeyPem"],
  updatable: ["earlyRenewalHours"],
  renewal,
  validate: validateUses,
  generate: async (inputs) => issuer().issueLocallySigned(inputs),
};
