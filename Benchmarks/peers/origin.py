"""The chat as the origin has it: a thread for each client, blocking sockets, one lock, and a send for each receiver of
each line. No limits, no TLS.

origin.py <port>
"""

import signal
import socket
import sys
import threading


class Room:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users: dict[str, "Client"] = {}

    def announce(self, line: str) -> None:
        """The lock is held: that is what gives everybody the same order."""
        data = f"{line}\n".encode()
        for user in self.users.values():
            user.write(data)


class Client(threading.Thread):
    def __init__(self, room: Room, connection: socket.socket) -> None:
        super().__init__(daemon=True)
        self.room = room
        self.connection = connection
        self.username: str | None = None

    def run(self) -> None:
        try:
            with self.connection.makefile(encoding="utf-8", errors="replace", newline="\n") as lines:
                for line in lines:
                    if not self.execute(line.strip()):
                        break
        except OSError:
            pass
        finally:
            self.leave()
            self.connection.close()

    def send(self, line: str) -> None:
        self.write(f"{line}\n".encode())

    def write(self, data: bytes) -> None:
        try:
            self.connection.sendall(data)
        except OSError:
            pass  # Its own thread sees the end of the connection.

    def execute(self, line: str) -> bool:
        command, _, argument = line.partition(" ")
        command = command.upper()
        if command == "EXIT":
            return False
        with self.room.lock:
            if command == "LOGIN":
                self.login(argument.strip())
            elif self.username is None:
                self.send("ERR not-logged-in")
            elif command == "MSG":
                self.room.announce(f"MSG {self.username} {argument}")
            elif command == "WHO":
                for user in self.room.users.values():
                    self.send(f"USER {user.username}")
            elif command == "DM":
                self.tell(*argument.partition(" ")[::2])
            elif command:
                self.send("ERR unknown-command")
        return True

    def login(self, username: str) -> None:
        if self.username is not None:
            self.send("ERR already-logged-in")
        elif not username or " " in username:
            self.send("ERR invalid-username")
        elif username.lower() in self.room.users:
            self.send("ERR username-taken")
        else:
            self.send("OK")
            self.room.announce(f"INFO {username} joined the chat")
            self.username = username
            self.room.users[username.lower()] = self

    def tell(self, username: str, text: str) -> None:
        receiver = self.room.users.get(username.lower())
        if receiver is None:
            self.send("ERR user-not-found")
        else:
            receiver.send(f"DM {self.username} {text}")

    def leave(self) -> None:
        with self.room.lock:
            if self.username is not None:
                del self.room.users[self.username.lower()]
                self.room.announce(f"INFO {self.username} disconnected")


def main() -> None:
    # Daemon threads that still hold the lock must not keep the interpreter from ending.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.stack_size(256 * 1024)
    room = Room()
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096) as listener:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Client(room, connection).start()


if __name__ == "__main__":
    main()
