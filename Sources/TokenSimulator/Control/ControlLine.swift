import JSON

/// A line of the control channel: one JSON value, and a line feed.
package enum ControlLine {
  static let end = UInt8(ascii: "\n")
  /// The longest line, in bytes.
  package static let limit = 8_192

  /// Takes the first line off `bytes`; `nil` if there is none yet. Bytes that are no UTF-8 become
  /// replacement characters.
  package static func take(from bytes: inout [UInt8]) -> String? {
    guard let end = bytes.firstIndex(of: end) else { return nil }
    defer { bytes.removeFirst(end + 1) }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// The answer to a request that was carried out.
  package static func done(_ status: TokenStatus) -> [UInt8] {
    var reply: JSON = ["ok": true]
    for (key, value) in status.json.object ?? [:] {
      reply[key] = value
    }
    return Array(reply.text.utf8) + [end]
  }

  /// The answer to a request that was not.
  package static func refused(_ failure: ControlFailure) -> [UInt8] {
    let reply: JSON = ["ok": false, "error": .string(failure.description)]
    return Array(reply.text.utf8) + [end]
  }
}
