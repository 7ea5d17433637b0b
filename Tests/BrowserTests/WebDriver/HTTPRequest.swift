import Foundation

/// A request over a connection of its own, written as it is said here and in no other way: the
/// driver's commands, and what no browser would send to the console.
struct HTTPRequest {
  struct Answer {
    let status: Int
    /// The names in lower case. Of several with one name, the last.
    let headers: [String: String]
    let body: String
  }

  /// After which a peer that says nothing is given up.
  private static let patience = 120

  var method = "GET"
  var path = "/"
  var headers: [String: String] = [:]
  var body = ""

  /// Sends it to a port on loopback, and reads the answer to its end.
  func send(to port: UInt16) throws -> Answer {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(connection) }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let connected = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw failure("nobody listens at port \(port)") }
    try write(connection, to: port)
    return try Self.answer(try read(connection))
  }

  private func write(_ connection: Int32, to port: UInt16) throws {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"]
    lines += headers.map { "\($0.key): \($0.value)" }
    if headers["Content-Length"] == nil { lines.append("Content-Length: \(body.utf8.count)") }
    let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server may refuse what is too large before all of it has come: its answer is there.
      guard count > 0 else { return }
      sent += count
    }
  }

  private func read(_ connection: Int32) throws -> [UInt8] {
    var all: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(connection, &part, part.count, 0)
      if count > 0 {
        all += part[..<count]
        if Self.isWhole(all) { return all }
      } else if count == 0 || !all.isEmpty {
        return all
      } else {
        throw failure("no answer: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Whether the body has come whose length the head says.
  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard let head = head(of: bytes), let length = head.headers["content-length"] else {
      return false
    }
    return bytes.count >= head.size + (Int(length) ?? 0)
  }

  private static func head(
    of bytes: [UInt8]
  ) -> (size: Int, status: Int, headers: [String: String])? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, let status = Int(words[1]) else { return nil }
    let pairs = lines.dropFirst().compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return (line[..<colon].lowercased(), String(value))
    }
    return (end.upperBound, status, Dictionary(pairs, uniquingKeysWith: { $1 }))
  }

  private static func answer(_ bytes: [UInt8]) throws -> Answer {
    guard let head = head(of: bytes) else {
      throw WebDriverFailure(.noAnswer, "\(bytes.count) bytes that are no HTTP answer")
    }
    return Answer(
      status: head.status, headers: head.headers,
      body: String(decoding: bytes[head.size...], as: UTF8.self))
  }

  private func failure(_ text: String) -> WebDriverFailure {
    WebDriverFailure(.noAnswer, "\(method) \(path): \(text)")
  }
}
