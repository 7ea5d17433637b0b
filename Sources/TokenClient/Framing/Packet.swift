import TokenCore

/// A report read as a packet of the framing (Docs/protocol.md, section 2). Any 64 bytes are one.
struct Packet {
  enum Header: Equatable {
    /// The first packet of a message. `length` is what the sender claims, up to 65,535.
    case initialization(command: UInt8, length: Int)
    /// `sequence` is `0 ... 0x7F`.
    case continuation(sequence: UInt8)
  }

  let channel: ChannelID
  let header: Header
  private let report: Report

  init(parsing report: Report) {
    self.report = report
    var number: UInt32 = 0
    for index in 0..<4 { number = number << 8 | UInt32(report.bytes[index]) }
    channel = ChannelID(rawValue: number)
    let mark = report.bytes[4]
    if mark & Self.initializationMark == 0 {
      header = .continuation(sequence: mark)
    } else {
      header = .initialization(
        command: mark & ~Self.initializationMark,
        length: Int(report.bytes[5]) << 8 | Int(report.bytes[6]))
    }
  }

  /// Appends the packet's payload to `message`, up to a whole of `total` bytes.
  func appendPayload(to message: inout [UInt8], total: Int) {
    let start: Int
    switch header {
    case .initialization: start = Report.size - FramingLimits.initializationPayload
    case .continuation: start = Report.size - FramingLimits.continuationPayload
    }
    let end = min(Report.size, start + total - message.count)
    guard start < end else { return }
    for index in start..<end { message.append(report.bytes[index]) }
  }

  private static let initializationMark: UInt8 = 0x80
}

// MARK: - Sending

extension Packet {
  /// How many packets a message of `length` bytes takes; `length` at most 7,609.
  static func count(forLength length: Int) -> Int {
    let rest = max(0, length - FramingLimits.initializationPayload)
    return 1 + (rest + FramingLimits.continuationPayload - 1) / FramingLimits.continuationPayload
  }

  /// Packet `index` of a message, padded with zeros.
  ///
  /// - Precondition: `index` is `0 ..< count(forLength: payload.count)`, so that the sequence
  ///   number is at most 0x7F.
  static func report(
    _ index: Int, channel: ChannelID, command: FramingCommand, payload: Span<UInt8>
  ) -> Report {
    var report = Report()
    for index in 0..<4 {
      report.bytes[index] = UInt8(truncatingIfNeeded: channel.rawValue >> UInt32(24 - 8 * index))
    }
    let header: Int
    let start: Int
    if index == 0 {
      report.bytes[4] = initializationMark | command.rawValue
      report.bytes[5] = UInt8(payload.count >> 8)
      report.bytes[6] = UInt8(payload.count & 0xFF)
      header = Report.size - FramingLimits.initializationPayload
      start = 0
    } else {
      report.bytes[4] = UInt8(index - 1)
      header = Report.size - FramingLimits.continuationPayload
      start =
        FramingLimits.initializationPayload + (index - 1) * FramingLimits.continuationPayload
    }
    let length = min(Report.size - header, payload.count - start)
    for offset in 0..<length { report.bytes[header + offset] = payload[start + offset] }
    return report
  }
}
