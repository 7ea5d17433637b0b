import TokenCore

/// A message of the framing, made and read without asking whose channel it is on: what an attacker's
/// program does, and what a firmware does behind its cable.
struct HIDMessage {
  var channel: UInt32
  var command: UInt8
  var payload: [UInt8]

  /// The packets of it.
  var reports: [Report] {
    var rest = payload[...]
    var reports: [Report] = []
    var head =
      [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    var sequence: UInt8 = 0
    repeat {
      let part = rest.prefix(Report.size - 4 - head.count)
      reports.append(Self.report(channel, head + part))
      rest = rest.dropFirst(part.count)
      head = [sequence]
      sequence += 1
    } while !rest.isEmpty
    return reports
  }

  private static func report(_ channel: UInt32, _ bytes: [UInt8]) -> Report {
    var report = Report()
    for index in 0..<4 {
      report.bytes[index] = UInt8(truncatingIfNeeded: channel >> UInt32(24 - 8 * index))
    }
    for (index, byte) in bytes.enumerated() { report.bytes[4 + index] = byte }
    return report
  }

  /// The channel of a report.
  static func channel(of report: Report) -> UInt32 {
    (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(report.bytes[$1]) }
  }
}

/// Puts the messages of each channel together from reports.
struct HIDAssembly {
  private var open: [UInt32: (message: HIDMessage, length: Int)] = [:]

  /// Takes a report in.
  ///
  /// - Returns: the message that it completes.
  mutating func take(_ report: Report) -> HIDMessage? {
    let bytes = report.bytes.indices.map { report.bytes[$0] }
    let channel = HIDMessage.channel(of: report)
    if bytes[4] & 0x80 != 0 {
      let length = Int(bytes[5]) << 8 | Int(bytes[6])
      let message = HIDMessage(
        channel: channel, command: bytes[4] & 0x7F, payload: Array(bytes[7...].prefix(length)))
      open[channel] = (message, length)
    } else if var entry = open[channel] {
      entry.message.payload += bytes[5...].prefix(entry.length - entry.message.payload.count)
      open[channel] = entry
    }
    guard let entry = open[channel], entry.message.payload.count == entry.length else { return nil }
    open[channel] = nil
    return entry.message
  }
}
