"""Starts the payments service."""

import asyncio
import logging
import os
import sys

import uvicorn

from payments.api import create_app
from payments.config import read_config
from payments.drain import Drain
from payments.logs import set_up_logging
from payments.readiness import Readiness
from payments.requests import Requests
from payments.rpc import RpcServer
from payments.store import PaymentStore

# A request that began before the door closed has this long to end: with the drain's own 4 s, below 10 s.
LAST_REQUESTS_SECONDS = 5
# Long, so that callers close idle connections first: when we do, a request may be on its way.
KEEP_ALIVE_SECONDS = 75


class Server(uvicorn.Server):
    """Uvicorn, but a signal begins the drain, and only its end closes the door; the one for gRPC with it."""

    def __init__(self, config: uvicorn.Config, drain: Drain, rpc: RpcServer) -> None:
        super().__init__(config)
        self._drain = drain
        self._rpc = rpc

    async def startup(self, sockets=None) -> None:
        # First, so that who reaches one port reaches both.
        await self._rpc.start()
        await super().startup(sockets)

    def handle_exit(self, sig, frame) -> None:
        self._drain.begin()

    async def on_tick(self, counter: int) -> bool:
        if self._drain.draining:
            await self._rpc.begin_drain()
        if self._drain.is_over():
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets=None) -> None:
        await asyncio.gather(super().shutdown(sockets), self._rpc.stop(LAST_REQUESTS_SECONDS))


def main() -> None:
    set_up_logging("payments")
    try:
        config = read_config(os.environ)
    except ValueError as error:
        logging.critical(str(error))
        sys.exit(1)
    drain = Drain()
    store = PaymentStore(config.redis_url, config.redis_password)
    readiness = Readiness(store, drain)
    server = uvicorn.Config(
        Requests(create_app(store, readiness), drain),
        host="0.0.0.0",
        port=config.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=LAST_REQUESTS_SECONDS,
    )
    Server(server, drain, RpcServer(store, drain, readiness, config.grpc_port)).run()


if __name__ == "__main__":
    main()
