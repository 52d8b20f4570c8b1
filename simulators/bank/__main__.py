"""``python -m simulators.bank --name bank-a --state FOLDER --certs FOLDER``: one bank, until TERM."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from simulators import control, sftp_server
from simulators.bank import endpoint
from simulators.bank.acts import World
from simulators.bank.books import Books
from simulators.bank.collection import Desk
from simulators.bank.endpoint import Endpoint
from simulators.bank.habits import Habits, load
from simulators.control import Misbehaviours
from simulators.serving import Arguments, Service, arguments, business_now, run
from simulators.soap import Identity


def service(args: Arguments, habits: Habits) -> Service:
    """The bank joined together: books, SOAP endpoint, folder, control API."""
    files = args.state / "files"
    for folder in (habits.statement_folder, habits.archive_folder, habits.confirmation_folder):
        (files / folder).mkdir(parents=True, exist_ok=True)
    desk = Desk(Books(args.state / "books.sqlite"), habits, lambda: business_now(args.business_clock))
    misbehaviours = Misbehaviours(known=endpoint.BEHAVIOURS | sftp_server.BEHAVIOURS)
    trusted = [(args.certs / name).read_bytes() for name in habits.gateway_certificates]
    soap = Endpoint(desk, misbehaviours, Identity.load(args.certs, habits.name), args.certs, trusted)
    world = World(desk, files, args.certs)
    return Service(
        routes=[Route("/collection", soap.post, methods=["POST"])],
        control=control.routes(misbehaviours, act=world.act, describe=world.describe),
        misbehaviours=misbehaviours,
        files=files,
    )


def main(argv: Sequence[str] | None = None) -> None:
    args = arguments("bank", argv)
    run(args, service(args, load(args.name, args.config, args.environment)))


if __name__ == "__main__":
    main()
