import Foundation

/// A server that says what it is told to, or nothing.
final class Listener: Sendable {
  private let socket: Int32

  init(_ path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0, listen(socket, 8) == 0 else { throw RawClient.Refused(code: errno) }
  }

  deinit {
    close(socket)
  }

  /// Takes clients until one sends something, answers that one, and closes.
  func answersNext(with text: String) {
    let socket = socket
    Thread {
      while true {
        let client = accept(socket, nil, nil)
        guard client >= 0 else { return }
        defer { close(client) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        // One that was given up before is readable, and its end follows.
        guard recv(client, &buffer, buffer.count, 0) > 0 else { continue }
        let answer = Array(text.utf8)
        if send(client, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count { return }
      }
    }.start()
  }
}
