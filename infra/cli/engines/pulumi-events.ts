/** The events of Pulumi's own engine, as those of ours. */
import type {
  DiagnosticEvent,
  EngineEvent as PulumiEvent,
  StepEventMetadata,
} from "@pulumi/pulumi/automation";
import { propertyChanges } from "../../engine/deployment/property-changes";
import type { Diagnostic, EngineEvent, Operation, Verb } from "../../engine/events";
import { isSecret } from "../../engine/wire/values";

/** Logical steps, which stand for others, are left out. */
const operations: Partial<Record<string, Operation>> = {
  same: "same",
  create: "create",
  update: "update",
  delete: "delete",
  "create-replacement": "replace",
  "delete-replaced": "delete-replaced",
  read: "read",
  "read-replacement": "read",
  refresh: "refresh",
  discard: "discard",
  "discard-replaced": "discard",
  "remove-pending-replace": "discard",
  import: "import",
  "import-replacement": "import",
};

const colourTags = /<\{%[^%]*%\}>/g;

/** What Pulumi says at the end of each failed run, whatever failed. */
const isNoNews = (message: string) => /^(update|preview|destroy|refresh) failed$/.test(message.trim());

export class PulumiEvents {
  readonly counts: Partial<Record<Operation, number>> = {};
  failed = false;
  readonly #startedAt = new Map<string, number>();
  /** A component is told once more when its outputs are there. */
  readonly #finished = new Set<string>();
  /** Errors about a resource come before the failure of its step, which tells them. */
  readonly #errors = new Map<string, string[]>();

  constructor(
    private readonly verb: Verb,
    private readonly listener: (event: EngineEvent) => void,
  ) {}

  take({
    resourcePreEvent,
    resOutputsEvent,
    resOpFailedEvent,
    diagnosticEvent,
    policyEvent,
  }: PulumiEvent): void {
    if (resourcePreEvent !== undefined) {
      this.#started(resourcePreEvent.metadata);
    } else if (resOutputsEvent !== undefined) {
      this.#ended(resOutputsEvent.metadata);
    } else if (resOpFailedEvent !== undefined) {
      this.#stepFailed(resOpFailedEvent.metadata);
    } else if (diagnosticEvent !== undefined) {
      this.#diagnostic(diagnosticEvent);
    } else if (policyEvent !== undefined) {
      const { enforcementLevel, resourceUrn, policyName, message } = policyEvent;
      const severity = enforcementLevel === "mandatory" ? "error" : "warning";
      this.#tell({ severity, urn: resourceUrn, message: `${policyName}: ${withoutColours(message)}` });
    }
  }

  /** Tells the errors whose step did not fail: those of a preview, or of the program. */
  end(): void {
    for (const [urn, messages] of this.#errors) {
      this.#tell({ severity: "error", urn, message: messages.join("\n") });
    }
    this.#errors.clear();
  }

  #started(metadata: StepEventMetadata): void {
    const step = this.#stepOf(metadata);
    if (step !== undefined) {
      this.#startedAt.set(metadata.urn, Date.now());
      const parent = metadata.new?.parent ?? metadata.old?.parent;
      this.listener({ kind: "step-started", ...step, ...(parent ? { parent } : {}) });
    }
  }

  #ended(metadata: StepEventMetadata): void {
    const step = this.#stepOf(metadata);
    const key = `${step?.operation} ${metadata.urn}`;
    if (step === undefined || this.#finished.has(key)) {
      return;
    }
    this.#finished.add(key);
    this.counts[step.operation] = (this.counts[step.operation] ?? 0) + 1;
    const { detailedDiff, diffs, keys, old, new: next } = metadata;
    const changedKeys = Object.keys(detailedDiff ?? {});
    const replaceKeys = changedKeys.filter((path) => detailedDiff![path]!.diffKind.endsWith("replace"));
    const isChange = !["same", "refresh", "read", "discard"].includes(step.operation);
    this.listener({
      ...{ kind: "step-finished", ...step, durationMs: this.#durationOf(metadata.urn) },
      ...(next?.id ? { id: next.id } : {}),
      changedKeys: diffs ?? [...new Set(changedKeys.map((path) => path.split(/[.[]/)[0]!))],
      changes: isChange
        ? propertyChanges(masked(old?.inputs), masked(next?.inputs), {
            changedKeys,
            replaceKeys: [...replaceKeys, ...(keys ?? [])],
          })
        : [],
    });
  }

  #stepFailed(metadata: StepEventMetadata): void {
    this.failed = true;
    const { urn } = metadata;
    const step = this.#stepOf(metadata) ?? { ...nameOf(metadata), operation: "update" };
    const message = (this.#errors.get(urn) ?? []).join("\n");
    this.#errors.delete(urn);
    this.listener({ kind: "step-failed", ...step, durationMs: this.#durationOf(urn), message });
  }

  #diagnostic({ urn, message, ephemeral, ...event }: DiagnosticEvent): void {
    // Also "debug", which its type does not know.
    const severity: string = event.severity;
    const text = withoutColours(message).trim();
    if (text === "" || severity === "debug") {
      return;
    }
    if (ephemeral && urn) {
      this.listener({ kind: "step-progress", urn, message: text });
    } else if (severity === "error" && urn) {
      this.#errors.set(urn, [...(this.#errors.get(urn) ?? []), text]);
    } else if (!(severity === "error" && this.failed && isNoNews(text))) {
      this.#tell({
        severity: severity === "error" || severity === "warning" ? severity : "info",
        urn,
        message: text,
      });
    }
  }

  #tell({ urn, ...diagnostic }: Diagnostic): void {
    this.failed ||= diagnostic.severity === "error";
    this.listener({ kind: "diagnostic", ...diagnostic, ...(urn ? { urn } : {}) });
  }

  #stepOf(metadata: StepEventMetadata) {
    const operation = operations[metadata.op];
    if (operation === undefined || isDefaultProvider(metadata)) {
      return undefined;
    }
    const isRetained = metadata.op === "delete" && metadata.old?.retainOnDelete === true;
    const isRefreshed = this.verb === "refresh" && operation === "same";
    return {
      ...nameOf(metadata),
      operation: isRetained ? ("retain" as const) : isRefreshed ? ("refresh" as const) : operation,
    };
  }

  #durationOf(urn: string): number {
    return Date.now() - (this.#startedAt.get(urn) ?? Date.now());
  }
}

/** Secrets come without their values, which our comparison takes for nothing. */
function masked(inputs: Record<string, unknown> = {}): Record<string, unknown> {
  return JSON.parse(JSON.stringify(inputs), (_, value) => (isSecret(value) ? "[secret]" : value));
}

/** Pulumi makes them by itself, and does not count them either. */
function isDefaultProvider({ urn, type }: StepEventMetadata): boolean {
  return type.startsWith("pulumi:providers:") && /::default(_[^:]*)?$/.test(urn);
}

function nameOf({ urn, type }: StepEventMetadata) {
  return { urn, type, name: urn.split("::").slice(3).join("::") };
}

function withoutColours(text: string): string {
  return text.replace(colourTags, "");
}
