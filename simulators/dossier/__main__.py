"""``python -m simulators.dossier --amqp URL --certs FOLDER --state FOLDER [--port N] [--business-clock FILE]``.

Prints one JSON line when it is up; ``port`` and ``control`` both answer the control API (its own protocol is AMQP).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys

from simulators.control import Misbehaviours, routes
from simulators.dossier import acts, jose
from simulators.dossier.broker import Consumer
from simulators.dossier.events import Memory
from simulators.serving import Service, arguments, business_now, run


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--amqp", default=os.environ.get("GATEWAY_AMQP_URL", ""), help="the broker")
    parser.add_argument("--exchange", default="dossier.events")
    parser.add_argument("--queue", default="dossier.gateway-events")
    parser.add_argument("--gateway-certificate", default="gateway-ec.crt", help="relative to --certs")
    own, rest = parser.parse_known_args(sys.argv[1:])
    args = dataclasses.replace(arguments("dossier", rest), plain=True)
    memory = Memory(args.state / "events.sqlite")
    system = acts.System(
        own.amqp,
        own.exchange,
        args.certs,
        args.name,
        args.environment,
        memory,
        lambda: business_now(args.business_clock),
    )

    def take(body: bytes, transport_id: str) -> None:
        try:
            payload = jose.payload_of(body, args.certs / own.gateway_certificate, args.environment)
            memory.keep_told(json.loads(payload))
        except (jose.NotSigned, ValueError, KeyError) as error:
            memory.keep_not_believed(transport_id, f"{type(error).__name__}: {error}", body)

    control = routes(Misbehaviours(), act=lambda wanted: acts.act(system, wanted), describe=memory.counts)
    consumer = Consumer(own.amqp, own.queue, take)
    consumer.start()
    run(args, Service(routes=control, control=control, misbehaviours=Misbehaviours()))
    consumer.stop()
    memory.close()


if __name__ == "__main__":
    main()
