const USUAL_PORTS: Record<string, number> = { http: 80, https: 443 };

/** Where clients reach a port, in a preview perhaps before its address is known. */
export function publicUrl(scheme: string, address: string | undefined, port: number | undefined): string {
  const suffix = port === USUAL_PORTS[scheme] ? "" : `:${port ?? "<the cluster's choice>"}`;
  return `${scheme}://${address ?? "<the cluster's choice>"}${suffix}`;
}
