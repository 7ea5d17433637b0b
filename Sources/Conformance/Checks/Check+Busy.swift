import TokenClient
import TokenCore

// Docs/protocol.md, section 2, rules 4 and 5: several channels at once, and LOCK.
extension Check {
  static let busy: [Check] = [
    Check(
      "busy.request", "During a channel's message, another's request is channelBusy", "2, rule 4"
    ) { bench throws(CheckEnd) in
      let payload = randomBytes(100)
      try bench.wire.send(.ping, payload, on: bench.main, first: 1)
      try bench.wire.send(.ping, randomBytes(4), on: bench.other)
      try bench.wire.expectError(.channelBusy, on: bench.other)
      try bench.finishMessage(payload)
      try bench.wire.expectEcho(on: bench.other)
    },
    Check(
      "busy.continuation", "During a channel's message, another's continuation is ignored",
      "2, rule 4"
    ) { bench throws(CheckEnd) in
      let payload = randomBytes(100)
      try bench.wire.send(.ping, payload, on: bench.main, first: 1)
      try bench.wire.send(Frame(on: bench.other, sequence: 0, randomBytes(59)[...]))
      try bench.wire.expectNothing()
      try bench.finishMessage(payload)
    },
    Check(
      "busy.init", "During a channel's message, others' INITs are answered, and disturb nothing",
      "2, rule 2"
    ) { bench throws(CheckEnd) in
      let payload = randomBytes(100)
      try bench.wire.send(.ping, payload, on: bench.main, first: 1)
      _ = try bench.wire.allocate()
      try bench.wire.resynchronize(bench.other)
      try bench.finishMessage(payload)
    },
  ]

  static let locks: [Check] = [
    Check(
      "lock.others", "While a channel holds the LOCK, others' requests are channelBusy", "2, rule 5"
    ) { bench throws(CheckEnd) in
      try bench.lock(5)
      for command: FramingCommand in [.ping, .wink, .lock, .applet] {
        let payload: [UInt8] = command == .lock ? [0] : []
        try bench.wire.send(command, payload, on: bench.other)
        try bench.wire.expectError(.channelBusy, on: bench.other)
      }
      try bench.wire.expectEcho(on: bench.main)
      _ = try bench.wire.allocate()
      try bench.lock(0)
      try bench.wire.expectEcho(on: bench.other)
    },
    Check("lock.expires", "A LOCK lasts its seconds, and ends by itself", "2, rule 5") {
      bench throws(CheckEnd) in
      let start = Deadline.now
      try bench.lock(2)
      let latest = Deadline(in: .seconds(2) + bench.wire.patience)
      while try !bench.isServed(bench.other) {
        try bench.wire.require(!latest.hasPassed, "the end of a LOCK of 2 s", "channelBusy still")
        bench.wire.rest(.milliseconds(50))
      }
      // What passed here since before the LOCK is no less than what passed there; 2 % for clocks.
      let spent = (Deadline.now.nanoseconds - start.nanoseconds) / 1_000_000
      try bench.wire.require(spent >= 1_960, "a LOCK of 2 s", "its end within \(spent) ms")
    },
    Check("lock.resync", "INIT on the channel that holds the LOCK releases it", "2, rule 2") {
      bench throws(CheckEnd) in
      try bench.lock(5)
      try bench.wire.resynchronize(bench.main)
      try bench.wire.expectEcho(on: bench.other)
    },
    Check("lock.length", "LOCK with another length than 1 is invalidLength", "2, rule 7") {
      bench throws(CheckEnd) in
      for payload: [UInt8] in [[], [1, 1]] {
        try bench.wire.send(.lock, payload, on: bench.main)
        try bench.wire.expectError(.invalidLength, on: bench.main)
      }
      try bench.wire.expectEcho(on: bench.other)
    },
    Check("lock.limit", "LOCK takes up to 10 s, and more is invalidParameter", "2, rule 7") {
      bench throws(CheckEnd) in
      for seconds: UInt8 in [11, 0xFF] {
        try bench.wire.send(.lock, [seconds], on: bench.main)
        try bench.wire.expectError(.invalidParameter, on: bench.main)
        try bench.wire.expectEcho(on: bench.other)
      }
      try bench.lock(10)
      try bench.lock(0)
    },
  ]
}

extension Bench {
  /// LOCK on the main channel.
  func lock(_ seconds: UInt8) throws(CheckEnd) {
    let answer = try wire.exchange(.lock, [seconds], on: main)
    try wire.require(answer.isEmpty, "no bytes", "\(answer.count) bytes")
  }

  /// Sends the second packet of a PING on the main channel, and requires the echo.
  fileprivate func finishMessage(_ payload: [UInt8]) throws(CheckEnd) {
    try wire.send(Frame.message(.ping, payload, on: main)[1])
    let echo = try wire.message(.ping, on: main)
    try wire.require(
      echo == payload, hexadecimal(payload, limit: 20), hexadecimal(echo, limit: 20))
  }

  /// Whether a PING comes back, or is channelBusy.
  fileprivate func isServed(_ channel: ChannelID) throws(CheckEnd) -> Bool {
    let payload = randomBytes(4)
    try wire.send(.ping, payload, on: channel)
    let frame = try wire.expectFrame("PING or ERROR channelBusy on \(channel.words)")
    let busy = FramingError.channelBusy.rawValue
    switch frame.header {
    case .initialization(FramingCommand.ping.rawValue, 4)
    where frame.channel == channel && frame.payload.starts(with: payload):
      return true
    case .initialization(FramingCommand.error.rawValue, 1)
    where frame.channel == channel && frame.payload[0] == busy:
      return false
    default:
      throw wire.deviation(
        expected: "PING or ERROR channelBusy on \(channel.words)", received: "\(frame)")
    }
  }
}
