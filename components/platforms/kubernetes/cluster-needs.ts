import * as pulumi from "@pulumi/pulumi";
import { type ClusterReader, clusterReader } from "./cluster-reader";
import { lateRefusal } from "./late-refusal";

/** One question to the cluster; it throws a RunError when the cluster cannot do what the program wants. */
export type Need<T> = (cluster: ClusterReader) => Promise<T>;

interface Settings {
  kubeconfig?: string;
  context?: string;
}

/**
 * What the program needs of the cluster beyond Kubernetes itself. The cluster is asked before anything is made there, and
 * only when there is a need.
 */
export class ClusterNeeds {
  /** Known when the cluster has everything; whatever waits for it is made after that. */
  readonly met: pulumi.Output<void>;
  private readonly needs: Need<unknown>[] = [];
  private readonly settings: pulumi.Output<Settings>;
  private opened?: ClusterReader;

  /** `kubeconfig` is a path or the content; unknown while another part of the program makes the cluster. */
  constructor(
    kubeconfig: pulumi.Input<string> | undefined,
    context: pulumi.Input<string> | undefined,
    private readonly open: typeof clusterReader = clusterReader,
  ) {
    this.settings = pulumi.output({ kubeconfig, context });
    // Needs come up while the program runs through; only then all of them are known.
    const ranThrough = new Promise<void>((resolve) => setImmediate(resolve));
    const settings = ranThrough.then(() => (this.needs.length === 0 ? undefined : this.settings));
    this.met = pulumi.output(settings).apply(async (known) => {
      if (known !== undefined) {
        await this.refuseIfAny(this.reader(known));
      }
    });
  }

  /** The answer, known once all needs of the program are met. */
  ask<T>(need: Need<T>): pulumi.Output<T> {
    let answer: Promise<T> | undefined;
    const once = (cluster: ClusterReader): Promise<T> => {
      answer ??= need(cluster);
      return answer;
    };
    this.needs.push(once);
    const answered = pulumi.all([this.settings, this.met]).apply(([settings]) => once(this.reader(settings)));
    return answered as pulumi.Output<T>;
  }

  private reader({ kubeconfig, context }: Settings): ClusterReader {
    this.opened ??= this.open(kubeconfig, context);
    return this.opened;
  }

  /** All that the cluster lacks is told at once. */
  private async refuseIfAny(cluster: ClusterReader): Promise<void> {
    const answers = await Promise.allSettled(this.needs.map((need) => need(cluster)));
    const reasons = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
    const unexpected = reasons.find((reason) => !pulumi.RunError.isInstance(reason));
    if (unexpected !== undefined) {
      throw unexpected;
    }
    if (reasons.length > 0) {
      throw lateRefusal([...new Set(reasons.map(({ message }) => message))].join("\n"));
    }
  }
}
