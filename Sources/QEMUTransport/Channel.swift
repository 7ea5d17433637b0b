import Glibc
import TokenClient

/// One of the sockets to QEMU: bytes both ways, with deadlines. It does not own the descriptor.
struct Channel {
  let descriptor: Int32
  let place: String

  /// Sends everything.
  ///
  /// - Throws: `vanished` when QEMU has ended, `system` when it took nothing for two seconds.
  func send(_ bytes: UnsafeRawBufferPointer) throws(TransportFailure) {
    let deadline = Deadline(in: .seconds(2))
    var sent = 0
    while sent < bytes.count {
      let count = Glibc.send(
        descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        guard try wait(for: Int16(POLLOUT), before: deadline) else {
          throw .system(place: place, operation: "send", error: ETIMEDOUT)
        }
      } else if errno != EINTR {
        throw .vanished(place: place)
      }
    }
  }

  /// Receives what has come, at least one byte.
  ///
  /// - Returns: how many bytes; 0 when none came before `deadline`.
  /// - Throws: `vanished` when QEMU has ended.
  func receive(
    into bytes: UnsafeMutableRawBufferPointer, before deadline: Deadline
  ) throws(TransportFailure) -> Int {
    while true {
      let count = recv(descriptor, bytes.baseAddress, bytes.count, 0)
      if count > 0 { return count }
      if count == 0 { throw .vanished(place: place) }
      switch errno {
      case EINTR: continue
      case EAGAIN: guard try wait(for: Int16(POLLIN), before: deadline) else { return 0 }
      default: throw .vanished(place: place)
      }
    }
  }

  private func wait(
    for events: Int16, before deadline: Deadline
  ) throws(TransportFailure) -> Bool {
    while true {
      var request = pollfd(fd: descriptor, events: events, revents: 0)
      let count = poll(&request, 1, deadline.pollTimeout)
      if count > 0 { return true }
      if count < 0, errno != EINTR {
        throw .system(place: place, operation: "poll", error: errno)
      }
      if deadline.hasPassed { return false }
    }
  }
}

/// A channel on which each side says a line at a time.
struct LineChannel {
  private let channel: Channel
  private var received: [UInt8] = []

  init(_ descriptor: Int32, place: String) {
    channel = Channel(descriptor: descriptor, place: place)
  }

  func say(_ line: String) throws(TransportFailure) {
    var failure: TransportFailure?
    Array((line + "\n").utf8).withUnsafeBytes { bytes in
      do throws(TransportFailure) { try channel.send(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// The next line, without its end.
  ///
  /// - Throws: `vanished` when QEMU ended, or said nothing for ten seconds, which is as good.
  mutating func hear() throws(TransportFailure) -> String {
    let deadline = Deadline(in: .seconds(10))
    var searched = 0
    while true {
      if let end = received[searched...].firstIndex(of: 0x0A) {
        let line = received[..<end].filter { $0 != 0x0D }
        received.removeSubrange(...end)
        return String(decoding: line, as: UTF8.self)
      }
      searched = received.count
      var piece = [UInt8](repeating: 0, count: 65_536)
      var result: Result<Int, TransportFailure> = .success(0)
      piece.withUnsafeMutableBytes { bytes in
        do throws(TransportFailure) {
          result = .success(try channel.receive(into: bytes, before: deadline))
        } catch {
          result = .failure(error)
        }
      }
      let count = try result.get()
      guard count > 0 else { throw .vanished(place: channel.place) }
      received += piece[..<count]
    }
  }
}
