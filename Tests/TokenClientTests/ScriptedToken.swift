import Glibc
import TokenClient
import TokenCore

/// The other end of a transport, by a script: it takes requests apart and sends whatever the test
/// wants, right or wrong. Its framing is written apart from the client's.
final class ScriptedToken: TokenTransport {
  let place = "script"
  var channel: UInt32 = 0x0102_0304
  /// What is sent for a whole message; by default its answer is what `respond` says.
  var answer: (UInt8, [UInt8]) -> [Report]
  /// What comes when nothing is queued.
  var idle: () -> Report? = { nil }
  /// Sent before and instead of INIT's own answer, given the nonce.
  var greet: (([UInt8]) -> [Report])?
  /// Whole messages that came in, INIT not counted.
  private(set) var requests: [(command: UInt8, payload: [UInt8])] = []
  private(set) var greetings = 0
  var failure: TransportFailure?

  private var inbox: [Report] = []
  private var message: [UInt8] = []
  private var missing = 0
  private var command: UInt8 = 0

  /// - Parameter respond: gives a response for the payload of a message; `nil` for silence.
  init(_ respond: @escaping (UInt8, [UInt8]) -> [UInt8]? = { _, _ in nil }) {
    answer = { _, _ in [] }
    answer = { [unowned self] command, payload in
      respond(command, payload).map { reports(command, $0) } ?? []
    }
  }

  func open() throws(TransportFailure) { if let failure { throw failure } }
  func close() {}

  func write(_ report: Report) throws(TransportFailure) {
    if let failure { throw failure }
    let bytes = report.bytes.span.array
    let channel = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard channel == self.channel || channel == .max else { return }
    if bytes[4] & 0x80 != 0 {
      command = bytes[4] & 0x7F
      message = []
      missing = Int(bytes[5]) << 8 | Int(bytes[6])
      take(bytes[7...])
    } else {
      take(bytes[5...])
    }
    guard missing == 0 else { return }
    if command == FramingCommand.initialize.rawValue {
      greetings += 1
      inbox += greet?(message) ?? [greeting(message, on: channel)]
    } else {
      requests.append((command, message))
      inbox += answer(command, message)
    }
  }

  func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    if let failure { throw failure }
    if !inbox.isEmpty { return inbox.removeFirst() }
    if let report = idle() { return report }
    usleep(UInt32(clamping: deadline.remainingNanoseconds / 1000))
    return nil
  }

  private func take(_ payload: ArraySlice<UInt8>) {
    let part = payload.prefix(missing)
    message += part
    missing -= part.count
  }

  // MARK: What a script is made of

  /// A message in the packets of the framing.
  func reports(_ command: UInt8, _ payload: [UInt8], on channel: UInt32? = nil) -> [Report] {
    let channel = channel ?? self.channel
    var rest = payload[...]
    var reports = [
      Report(
        channel,
        [0x80 | command, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
          + rest.prefix(57))
    ]
    rest = rest.dropFirst(57)
    var sequence: UInt8 = 0
    while !rest.isEmpty {
      reports.append(Report(channel, [sequence] + rest.prefix(59)))
      rest = rest.dropFirst(59)
      sequence += 1
    }
    return reports
  }

  func error(_ error: FramingError, on channel: UInt32? = nil) -> Report {
    reports(FramingCommand.error.rawValue, [error.rawValue], on: channel)[0]
  }

  func keepAlive(_ status: KeepAliveStatus) -> Report {
    reports(FramingCommand.keepAlive.rawValue, [status.rawValue])[0]
  }

  /// INIT's answer. The client is on `channel` or on broadcast, and is given `granted`.
  func greeting(
    _ nonce: [UInt8], on channel: UInt32 = .max, granted: UInt32? = nil, version: UInt8 = 2
  ) -> Report {
    let granted = granted ?? self.channel
    let number = (0..<4).map { UInt8(truncatingIfNeeded: granted >> UInt32(24 - 8 * $0)) }
    return reports(
      FramingCommand.initialize.rawValue, nonce + number + [version, 0, 1, 0, 9], on: channel)[0]
  }
}

extension ScriptedToken {
  /// A token that answers SELECT, and everything else as `respond` says.
  static func selectable(
    _ respond: @escaping ([UInt8]) -> [UInt8]?
  ) -> ScriptedToken {
    ScriptedToken { command, payload in
      guard command == FramingCommand.applet.rawValue else { return [] }
      return payload.starts(with: [0, 0xA4, 0x04]) ? selection : respond(payload)
    }
  }

  /// SELECT's answer: version, device identifier.
  static let selection: [UInt8] =
    [0x90, 0x00, 0x79, 3, 5, 4, 3, 0x71, 8, 1, 2, 3, 4, 5, 6, 7, 8]
}

extension Report {
  /// A channel's four bytes, then `rest`, padded with zeros.
  init(_ channel: UInt32, _ rest: [UInt8]) {
    self.init()
    for index in 0..<4 {
      bytes[index] = UInt8(truncatingIfNeeded: channel >> UInt32(24 - 8 * index))
    }
    for (index, byte) in rest.enumerated() { bytes[4 + index] = byte }
  }
}

extension Span<UInt8> {
  var array: [UInt8] { indices.map { self[$0] } }
}

extension Patience {
  /// For tokens that do answer, however loaded the machine is.
  static var ample: Patience {
    var patience = Patience()
    patience.answer = .seconds(30)
    patience.command = .seconds(30)
    patience.busy = .seconds(30)
    patience.cancellationInterval = .milliseconds(5)
    return patience
  }

  /// For tokens that never answer: the wait is part of the test's own time.
  static var short: Patience {
    var patience = Patience()
    patience.answer = .milliseconds(60)
    patience.command = .milliseconds(200)
    patience.busy = .milliseconds(120)
    patience.cancellationInterval = .milliseconds(5)
    return patience
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, everywhere.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
