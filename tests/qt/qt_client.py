"""Classic MIM on real Qt: a client, and a central server, that tests drive line by line.

Both read commands as JSON lines from stdin, {"do": COMMAND, …}, and report what happens as JSON
lines on stdout, {"event": EVENT, …}. At the end of stdin they quit. They know nothing of MIM but
what a classic program knows: the bytes are Qt's own (QDataStream, QTextStream), written the way
Qt programs write them.

A client listens for peers, reports it (listening: port), and takes these commands:
  connect  host, port         reports connected, each welcome line (text), then welcome-end
  login    name (or null)     reports update (type A or D, name, address, port, left: how many bytes
                              stood in the block behind the fields that a classic client knows)
  logout                      reports disconnected, as it does when the server closes
  dial     address, port      reports dialed: peer, the number by which this chat is called below
  say      peer, text         a line of chat; what the peer says is reported as line: peer, text
  close    peer               reports closed: peer, as it does when the peer closes
A peer that dials this client and tells its name is reported as called: peer, name.

A server (--serve) listens, reports it (listening: port), keeps the online table, reports login
(user, name, port, address, left) and logout (user), and takes these commands:
  update   type, name, address, port, extra    sends everyone this block, with the bytes extra (hex)
                                               at its end; a name or address of null is Qt's null
  drop     user                                closes that user's connection
"""

import argparse
import json
import os
import sys

from PyQt5.QtCore import (
    QByteArray,
    QCoreApplication,
    QDataStream,
    QIODevice,
    QSocketNotifier,
    QTextStream,
)
from PyQt5.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

WELCOME = "Welcome to MIM on Qt\nGrüße, €, 😀 and 漢字"


def report(event, **fields):
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def block(version, write):
    """A block, written the Qt way: room for the size, the fields, then back to fill in the size."""
    data = QByteArray()
    out = QDataStream(data, QIODevice.WriteOnly)
    out.setVersion(version)
    out.writeUInt16(0)
    write(out)
    out.device().seek(0)
    out.writeUInt16(data.size() - 2)
    return data


def update_block(version, update):
    def write(out):
        out.writeUInt8(ord(update["type"]))
        out.writeQString(update["name"])
        out.writeQString(update["address"])
        out.writeUInt16(update["port"])
        out.writeRawData(bytes.fromhex(update.get("extra", "")))

    return block(version, write)


class Blocks:
    """Reads blocks off a socket with QDataStream, each once it is there as a whole."""

    def __init__(self, socket, version):
        self.socket = socket
        self.version = version
        self.stream = QDataStream(socket)
        self.stream.setVersion(version)
        self.size = None

    def __iter__(self):
        while True:
            if self.size is None:
                if self.socket.bytesAvailable() < 2:
                    return
                self.size = self.stream.readUInt16()
            if self.socket.bytesAvailable() < self.size:
                return
            body = QDataStream(QByteArray(self.socket.read(self.size)))
            body.setVersion(self.version)
            self.size = None
            yield body


def left(body):
    """How many bytes of a block have not been read; the block must have held all that were."""
    if body.status() != QDataStream.Ok:
        raise ValueError("the block is shorter than its fields")
    return body.device().bytesAvailable()


def decoded(line):
    """A line, decoded by QTextStream; a stream on the socket itself would read ahead."""
    data = QByteArray(line)
    stream = QTextStream(data, QIODevice.ReadOnly)
    stream.setCodec("UTF-8")
    return stream.readLine()


def writer(socket, codec):
    stream = QTextStream(socket)
    stream.setCodec(codec)
    return stream


def write_line(stream, text):
    stream << text << "\n"
    stream.flush()


class Chat:
    """One connection with a peer, whoever of the two dialed."""

    def __init__(self, number, socket, codec, called):
        self.number = number
        self.socket = socket
        self.out = writer(socket, codec)
        self.expect_name = called
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(self.closed)
        self.read()

    def read(self):
        while self.socket.canReadLine():
            line = decoded(self.socket.readLine())
            if self.expect_name:
                self.expect_name = False
                report("called", peer=self.number, name=line)
            else:
                report("line", peer=self.number, text=line)

    def closed(self):
        self.read()
        report("closed", peer=self.number)


class Client:
    def __init__(self, options):
        self.options = options
        self.name = ""
        self.chats = []
        self.welcomed = False
        self.simple_server = listen(options.hostname, self.accept)
        self.socket = QTcpSocket()
        self.blocks = None
        self.socket.connected.connect(lambda: report("connected"))
        self.socket.readyRead.connect(self.read)
        self.socket.disconnected.connect(lambda: report("disconnected"))
        self.socket.error.connect(failure("the central server", self.socket))

    def accept(self):
        while self.simple_server.hasPendingConnections():
            self.chat(self.simple_server.nextPendingConnection(), called=True)

    def chat(self, socket, called):
        chat = Chat(len(self.chats), socket, self.options.codec, called)
        self.chats.append(chat)
        return chat

    def read(self):
        if not self.welcomed:
            self.read_welcome()
        if self.welcomed:
            for body in self.blocks:
                update = {
                    "type": chr(body.readUInt8()),
                    "name": body.readQString(),
                    "address": body.readQString(),
                    "port": body.readUInt16(),
                }
                report("update", **update, left=left(body))

    def read_welcome(self):
        while not self.welcomed:
            # A block's size begins with a byte that no line begins with.
            if b"" < self.socket.peek(1) < b"\x09":
                self.welcomed = True
            elif self.socket.canReadLine():
                line = decoded(self.socket.readLine())
                if line == "":
                    self.welcomed = True
                else:
                    report("welcome", text=line)
            else:
                return
        report("welcome-end")

    def do_connect(self, host, port):
        self.welcomed = False
        self.blocks = Blocks(self.socket, self.options.stream_version)
        self.socket.connectToHost(host, port)

    def do_login(self, name):
        def write(out):
            out.writeUInt16(self.simple_server.serverPort())
            out.writeQString(name)

        self.name = name
        self.socket.write(block(self.options.stream_version, write))

    def do_logout(self):
        self.socket.disconnectFromHost()

    def do_dial(self, address, port):
        socket = QTcpSocket()
        chat = self.chat(socket, called=False)

        def connected():
            write_line(chat.out, self.name)
            report("dialed", peer=chat.number)

        socket.connected.connect(connected)
        socket.error.connect(failure("the peer", socket))
        socket.connectToHost(address, port)

    def do_say(self, peer, text):
        write_line(self.chats[peer].out, text)

    def do_close(self, peer):
        self.chats[peer].socket.disconnectFromHost()


class User:
    """A connection to the server, logged in once it has an entry."""

    def __init__(self, number, socket, server):
        self.number = number
        self.socket = socket
        self.server = server
        self.entry = None
        self.blocks = Blocks(socket, server.options.stream_version)
        write_line(writer(socket, "UTF-8"), server.welcome())
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(lambda: server.logout(self))

    def read(self):
        for body in self.blocks:
            port = body.readUInt16()
            name = body.readQString()
            address = self.socket.peerAddress().toString()
            self.entry = {"name": name, "address": address, "port": port}
            report("login", user=self.number, **self.entry, left=left(body))
            self.server.login(self)


class Server:
    def __init__(self, options):
        self.options = options
        self.users = []
        self.table = []
        self.tcp = listen(options.hostname, self.accept)

    def welcome(self):
        return WELCOME + ("" if self.options.no_empty_line else "\n")

    def accept(self):
        while self.tcp.hasPendingConnections():
            self.users.append(User(len(self.users), self.tcp.nextPendingConnection(), self))

    def login(self, user):
        self.tell(self.table, {"type": "A", **user.entry})
        self.table.append(user)
        for other in self.table:
            self.tell([user], {"type": "A", **other.entry})

    def logout(self, user):
        report("logout", user=user.number)
        if user in self.table:
            self.table.remove(user)
            self.tell(self.table, {"type": "D", **user.entry})

    def tell(self, users, update):
        data = update_block(self.options.stream_version, update)
        for user in users:
            user.socket.write(data)

    def do_update(self, **update):
        self.tell(self.table, update)

    def do_drop(self, user):
        self.users[user].socket.disconnectFromHost()


def listen(hostname, accept):
    server = QTcpServer()
    server.newConnection.connect(accept)
    address = QHostAddress(QHostAddress.Any) if hostname == "any" else QHostAddress(hostname)
    if not server.listen(address, 0):
        sys.exit(f"cannot listen on {hostname}: {server.errorString()}")
    report("listening", port=server.serverPort())
    return server


def failure(what, socket):
    def told(code):
        # A connection that the other end closes is no failure: "disconnected" tells of it.
        if code != QTcpSocket.RemoteHostClosedError:
            report("error", text=f"{what}: {socket.errorString()}")

    return told


class Commands:
    """Carries out the commands on stdin, in order."""

    def __init__(self, actor, quit_application):
        self.actor = actor
        self.quit = quit_application
        self.buffer = b""
        self.notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Read)
        self.notifier.activated.connect(self.read)

    def read(self):
        data = os.read(sys.stdin.fileno(), 65536)
        if data == b"":
            self.notifier.setEnabled(False)
            self.quit()
        *complete, self.buffer = (self.buffer + data).split(b"\n")
        for line in complete:
            command = json.loads(line)
            getattr(self.actor, "do_" + command.pop("do"))(**command)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", action="store_true", help="be the central server")
    parser.add_argument("--stream-version", type=int, default=3, help="of QDataStream: 2 to 19")
    parser.add_argument("--hostname", default="127.0.0.1", help='to listen on; "any" is IPv4 and IPv6')
    parser.add_argument("--codec", default="UTF-8", help="of the lines that the client sends")
    parser.add_argument("--no-empty-line", action="store_true", help="none after the welcome")
    options = parser.parse_args()
    # A half character of UTF-16 goes out as \ud83d, which is JSON too.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    application = QCoreApplication(sys.argv)
    actor = Server(options) if options.serve else Client(options)
    commands = Commands(actor, application.quit)
    return application.exec_() if commands else 1


if __name__ == "__main__":
    sys.exit(main())
