/** The embedded provider of package `tls`. */
import type { Provider } from "../../provider";
import { generatedProvider } from "../generated";
import { certRequest, locallySignedCert, selfSignedCert } from "./certificates";
import { privateKey } from "./private-key";

export const createTlsProvider = (): Provider =>
  generatedProvider("tls", {
    "tls:index/certRequest:CertRequest": certRequest,
    "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  });
