import { join } from "node:path";
import {
  Client,
  credentials,
  Metadata,
  type ServiceDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { z } from "zod";
import { type CallContext, type CallTiming, NoAnswer, repeat } from "./calls";
import { toCents } from "./money";
import type { Order, OrderStatus } from "./order";

/** The contract of payments as orders knows it: its own copy, so that the two are built and changed apart. */
const protoFile = join(__dirname, "../../proto/payments.proto");

/** The service that the contract describes. */
export const paymentsService = loadSync(protoFile, { longs: Number, enums: String })[
  "flotilla.shop.payments.v1.Payments"
] as ServiceDefinition;

const channelOptions = {
  // A call is repeated here, where its deadline and its key are known, and nowhere else.
  "grpc.enable_retries": 0,
  "grpc.enable_http_proxy": 0,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
};

/** After these another try may succeed. Of both, nobody knows whether the payment was made: hence the key. */
const transientCodes = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

const payment = z.object({ status: z.enum(["PAYMENT_STATUS_PAID", "PAYMENT_STATUS_DECLINED"]) });

const statuses = { PAYMENT_STATUS_PAID: "paid", PAYMENT_STATUS_DECLINED: "declined" } as const;

/** What orders asks of the payments service, by gRPC. */
export class PaymentsClient {
  readonly #client: Client;

  /** `url` is such as `grpc://127.0.0.1:15002`. */
  constructor(
    url: string,
    private readonly timing: CallTiming,
  ) {
    this.#client = new Client(new URL(url).host, credentials.createInsecure(), channelOptions);
  }

  /** Pays once, however often and by whomever it is asked: the order's id is the key. Without a clear answer it is pending. */
  async pay({ id, userId, total }: Order, context: CallContext): Promise<OrderStatus> {
    const request = { orderId: id, amountCents: toCents(total), idempotencyKey: id, userId };
    try {
      const answer = await repeat("payments", this.timing, context, (timeoutMs) =>
        this.#try(request, context, timeoutMs),
      );
      return statuses[payment.parse(answer).status];
    } catch (error) {
      context.log.error({ orderId: id, err: error }, "payments gives no clear answer");
      return "payment_pending";
    }
  }

  close(): void {
    this.#client.close();
  }

  #try(request: object, { requestId }: CallContext, timeoutMs: number): Promise<object | NoAnswer> {
    const { path, requestSerialize, responseDeserialize } = paymentsService.Pay!;
    const metadata = new Metadata();
    metadata.set("x-request-id", requestId);
    const options = { deadline: Date.now() + timeoutMs };
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, answer?: object) => {
        if (error === null) resolve(answer!);
        else if (transientCodes.has(error.code)) resolve(new NoAnswer(error.message));
        else reject(error);
      };
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        answered,
      );
    });
  }
}
