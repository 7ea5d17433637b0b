import Glibc

/// One client's connection: bytes in both directions, neither of which ever waits, and no more than
/// `outputLimit` of them kept for a client that does not read.
package final class Connection {
  /// Bytes for the client that the system has not taken yet, at most: 256 reports.
  package static let outputLimit = 256 * 64
  /// Bytes taken from the client at a time, so that no client keeps the others waiting.
  package static let inputPortion = 32 * 64

  private let socket: FileDescriptor
  private var output: [UInt8] = []
  package private(set) var isClosed = false
  package private(set) var isFinishing = false
  /// Rounds of the server's loop, to find the connection that was silent for the longest.
  var lastActive = 0
  /// Bytes that came and were not understood yet; the reader keeps this short.
  package var input: [UInt8] = []

  package init(_ socket: consuming FileDescriptor) {
    self.socket = socket
  }

  package var descriptor: Int32 { socket.rawValue }
  package var wantsToWrite: Bool { !output.isEmpty }
  /// Bytes that `send` would take.
  package var room: Int { Self.outputLimit - output.count }

  /// Moves what has come, one portion at most, to the end of `input`, or drops it if the connection
  /// is finishing. At the end of the stream the connection is closed.
  package func receive() {
    let portion = [UInt8](unsafeUninitializedCapacity: Self.inputPortion) { buffer, filled in
      let count = retrying { recv(socket.rawValue, buffer.baseAddress, buffer.count, 0) }
      filled = max(count, 0)
      isClosed = count == 0 || (count < 0 && errno != EAGAIN)
    }
    if !isFinishing { input += portion }
  }

  /// Keeps `bytes` for the client.
  ///
  /// - Returns: `false` if there is no room for all of them; none is kept then.
  @discardableResult
  package func send(_ bytes: some Collection<UInt8>) -> Bool {
    guard output.count + bytes.count <= Self.outputLimit else { return false }
    output += bytes
    return true
  }

  /// Hands the system as much as it takes now.
  package func flush() {
    guard !output.isEmpty && !isClosed else {
      isClosed = isClosed || isFinishing
      return
    }
    let count = output.withUnsafeBytes { buffer in
      retrying {
        Glibc.send(
          socket.rawValue, buffer.baseAddress!, buffer.count,
          Int32(MSG_NOSIGNAL))
      }
    }
    if count > 0 {
      output.removeFirst(count)
      isClosed = isFinishing && output.isEmpty
    } else if errno != EAGAIN {
      isClosed = true
    }
  }

  /// Waits for something to come, or for room for what is to go.
  ///
  /// - Parameter deadline: a reading of `MachineClock.nanoseconds()`.
  /// - Returns: `false` if neither happened before it.
  func wait(until deadline: UInt64) -> Bool {
    let now = MachineClock.nanoseconds()
    guard now < deadline else { return false }
    let events = POLLIN | (wantsToWrite ? POLLOUT : 0)
    var entry = pollfd(fd: socket.rawValue, events: Int16(events), revents: 0)
    return retrying { poll(&entry, 1, Int32(clamping: (deadline - now) / 1_000_000 + 1)) } > 0
  }

  /// Closes the connection once the client has what is kept for it.
  package func finish() {
    isFinishing = true
    input = []
  }

  /// Takes no more notice of the client. The socket closes with the last reference.
  package func end() {
    isClosed = true
  }
}

extension [Connection] {
  /// Ends the one that was silent for the longest, if there are `limit` of them already.
  func makeRoom(limit: Int) {
    let live = filter { !$0.isClosed }
    guard live.count >= limit else { return }
    live.min { $0.lastActive < $1.lastActive }?.end()
  }
}
