import TokenCore

/// A CTAPHID initialisation packet on a channel, 64 bytes.
func packet(channel: UInt32, command: UInt8, _ payload: [UInt8]) -> [UInt8] {
  var bytes = (0..<4).map { UInt8(truncatingIfNeeded: channel >> (24 - 8 * $0)) }
  bytes += [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  bytes += payload
  return bytes + [UInt8](repeating: 0, count: max(Report.size - bytes.count, 0))
}

/// INIT on the broadcast channel; the answer repeats the nonce.
func initReport(nonce: UInt8) -> [UInt8] {
  packet(channel: 0xFFFF_FFFF, command: 6, [UInt8](repeating: nonce, count: 8))
}

/// Whether `bytes` are the answer to `initReport(nonce:)`.
func isInitAnswer(_ bytes: [UInt8], nonce: UInt8) -> Bool {
  bytes.count == Report.size && bytes.prefix(5) == [0xFF, 0xFF, 0xFF, 0xFF, 0x86]
    && bytes[7..<15].allSatisfy { $0 == nonce }
}

extension Report {
  /// 64 times the same.
  static func filled(_ byte: UInt8) -> Report {
    Report(InlineArray(repeating: byte))
  }

  var list: [UInt8] { bytes.indices.map { bytes[$0] } }
}
