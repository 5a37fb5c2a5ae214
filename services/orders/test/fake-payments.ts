import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { paymentsService } from "../src/payments-client";

interface PayRequest {
  orderId: string;
  amountCents: number;
  idempotencyKey: string;
}

interface Asked extends PayRequest {
  requestId: unknown;
  /** What the caller was ready to wait for when the call arrived. */
  timeoutMs: number;
}

type Reply = sendUnaryData<object>;
export type PaymentsAnswer = (reply: Reply, request: PayRequest) => void;

/** The payments service, as far as its callers can tell: it records what it is asked and answers as it is told. */
export class FakePayments {
  readonly asked: Asked[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(answer: PaymentsAnswer): Promise<FakePayments> {
    const server = new Server();
    server.addService(paymentsService, {
      Pay: (call: ServerUnaryCall<PayRequest, object>, reply: Reply) => {
        const timeoutMs = Number(call.getDeadline()) - Date.now();
        fake.asked.push({ ...call.request, requestId: call.metadata.get("x-request-id")[0], timeoutMs });
        answer(reply, call.request);
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const fake = new FakePayments(`grpc://127.0.0.1:${port}`, server);
    return fake;
  }

  /** Keys that it was asked to pay with: the real service pays once for each. */
  get keys(): Set<string> {
    return new Set(this.asked.map(({ idempotencyKey }) => idempotencyKey));
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

export function pays(statusName: string): PaymentsAnswer {
  return (reply) => reply(null, { id: "p", status: statusName });
}

export const paid = pays("PAYMENT_STATUS_PAID");
export const declined = pays("PAYMENT_STATUS_DECLINED");

export function fails(code: status): PaymentsAnswer {
  return (reply) => reply({ code, details: `a fake ${status[code]}` });
}

/** Takes the call and never answers. */
export const silentPayments: PaymentsAnswer = () => undefined;

/** Answers the first call with the first, and so on; the last one serves the rest. */
export function paymentsInTurn(...answers: PaymentsAnswer[]): PaymentsAnswer {
  let next = 0;
  return (reply, request) => answers[Math.min(next++, answers.length - 1)]!(reply, request);
}
