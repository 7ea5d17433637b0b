import TokenSimulator

/// One program that has connected, and how far it has come.
final class USBIPClient {
  let connection: Connection
  /// Whether the device is lent to it.
  var hasDevice = false
  /// Whether there is a whole message that waits: for the token, or for room for its reply.
  var isBehind = false
  /// Rounds of the server's loop, to find the one that was silent for the longest.
  var lastActive = 0

  init(_ connection: Connection) {
    self.connection = connection
  }

  /// Whether it takes a reply of any size.
  var hasRoom: Bool { connection.room >= USBIPServer.largestReply }
  /// One that does not read is not listened to either.
  var isListenedTo: Bool { hasRoom && !isBehind }
}
