"""A real IMAP server (Twisted's) with one mailbox in memory, as a program of its own: it prints its port, and does what
it is told line by line: `validity N` gives all letters new ids, `stop` ends it."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import formatdate
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet import defer, endpoints, protocol, reactor, stdio
from twisted.mail import imap4
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

USER, PASSWORD = "answers@tenant.example", 'sécret \\ "word"'


@implementer(imap4.IMessage, imap4.IMessageFile)
class Letter:
    def __init__(self, uid: int, data: bytes) -> None:
        self.uid, self.data, self.flags, self.at = uid, data, set[str](), datetime.now(UTC)

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.data)

    getBodyFile = open

    def getUID(self) -> int:
        return self.uid

    def getFlags(self) -> list[str]:
        return sorted(self.flags)

    def getInternalDate(self) -> str:
        return formatdate()

    def getHeaders(self, negate: bool, *names: Any) -> dict[str, str]:
        found = message_from_bytes(self.data)
        wanted = {one.decode().lower() if isinstance(one, bytes) else one.lower() for one in names}
        return {name.lower(): str(value) for name, value in found.items() if (name.lower() in wanted) is not negate}

    def getSize(self) -> int:
        return len(self.data)

    def isMultipart(self) -> bool:
        return False


@implementer(imap4.IMailbox, imap4.ISearchableMailbox)
class Box:
    def __init__(self) -> None:
        self.validity, self.next, self.letters = 7, 1, list[Letter]()

    def renew(self, validity: int) -> None:
        self.validity = validity
        for number, one in enumerate(self.letters, start=1):
            one.uid = number
        self.next = len(self.letters) + 1

    def getUIDValidity(self) -> int:
        return self.validity

    def getUIDNext(self) -> int:
        return self.next

    def getUID(self, message: int) -> int:
        return self.letters[message - 1].uid

    def getMessageCount(self) -> int:
        return len(self.letters)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return sum("\\Seen" not in one.flags for one in self.letters)

    def isWriteable(self) -> bool:
        return True

    def getFlags(self) -> list[str]:
        return ["\\Seen", "\\Deleted"]

    def getHierarchicalDelimiter(self) -> str:
        return "/"

    def requestStatus(self, names: Any) -> Any:
        return imap4.statusRequestHelper(self, names)

    def addListener(self, listener: Any) -> None: ...

    def removeListener(self, listener: Any) -> None: ...

    def destroy(self) -> None: ...

    def addMessage(self, message: Any, flags: Any = (), date: Any = None) -> Any:
        data = message.read()
        self.letters.append(Letter(self.next, data if isinstance(data, bytes) else data.encode()))
        self.next += 1
        return defer.succeed(self.next - 1)

    def expunge(self) -> list[int]:
        gone = [one.uid for one in self.letters if "\\Deleted" in one.flags]
        self.letters = [one for one in self.letters if one.uid not in gone]
        return gone

    def fetch(self, messages: Any, uid: bool) -> list[tuple[int, Letter]]:
        messages.last = (self.letters[-1].uid if uid else len(self.letters)) if self.letters else 0
        numbered = enumerate(self.letters, start=1)
        return [(number, one) for number, one in numbered if (one.uid if uid else number) in messages]

    def search(self, query: list[bytes], uid: bool) -> list[int]:
        """Twisted's own stumbles over dates; what is asked for here is ALL, UID and SINCE."""
        match [one.decode() for one in query]:
            case ["UID", wanted]:
                ids = imap4.parseIdList(wanted.encode())
                return [one.uid for _, one in self.fetch(ids, True)]
            case ["SINCE", day]:
                since = datetime.strptime(day, "%d-%b-%Y").replace(tzinfo=UTC)
                return [one.uid for one in self.letters if one.at >= since]
            case ["ALL"]:
                return [one.uid for one in self.letters]
            case _:
                raise imap4.IllegalQueryError(query)

    def store(self, messages: Any, flags: Any, mode: int, uid: bool) -> dict[int, list[str]]:
        told: dict[int, list[str]] = {}
        for number, one in self.fetch(messages, uid):
            one.flags = {0: set(flags), 1: one.flags | set(flags), -1: one.flags - set(flags)}[mode]
            told[number] = one.getFlags()
        return told


BOX = Box()


@implementer(IRealm)
class Realm:
    def requestAvatar(self, avatar: bytes, mind: Any, *interfaces: Any) -> Any:
        account = imap4.MemoryAccount(avatar)
        account.addMailbox("INBOX", BOX)
        return imap4.IAccount, account, lambda: None


class Conversation(imap4.IMAP4Server):
    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        super().connectionMade()


class Factory(protocol.Factory):
    def buildProtocol(self, addr: Any) -> Any:
        made = Conversation({b"PLAIN": imap4.PLAINCredentials} if "plain" in sys.argv else {})
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        checker.addUser(USER.encode(), PASSWORD.encode())
        made.portal = Portal(Realm(), [checker])
        made.factory = self
        return made


class Orders(LineReceiver):
    delimiter = b"\n"

    def lineReceived(self, line: bytes) -> None:
        match line.decode().split():
            case ["validity", number]:
                BOX.renew(int(number))
                print("done", flush=True)
            case _:
                reactor.stop()  # type: ignore[attr-defined]

    def connectionLost(self, reason: Any = None) -> None:
        if reactor.running:  # type: ignore[attr-defined]
            reactor.stop()  # type: ignore[attr-defined]


if __name__ == "__main__":
    stdio.StandardIO(Orders())
    listening = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory())
    listening.addCallback(lambda port: print(port.getHost().port, flush=True))
    reactor.run()  # type: ignore[attr-defined]
