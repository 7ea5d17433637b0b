import TokenCore

// Docs/protocol.md, sections 1 and 2: reports, and the messages that they carry.
extension Check {
  static let reports: [Check] = [
    Check("report.padding", "What is behind a message's last byte means nothing", "1") {
      bench throws(CheckEnd) in
      let payload = randomBytes(3)
      let frame = Frame.message(.ping, payload, on: bench.main)[0]
      try bench.wire.send(frame.padded(after: 3, with: 0xA5))
      let echo = try bench.wire.message(.ping, on: bench.main)
      try bench.wire.require(echo == payload, hexadecimal(payload), hexadecimal(echo))
    },
    Check("report.sizes", "PING brings back messages of one report and of several", "2") {
      bench throws(CheckEnd) in
      // Around what fits one report, two and three.
      for size in [0, 1, 56, 57, 58, 115, 116, 117, 175, 176, 1_000] {
        try bench.wire.expectEcho(on: bench.main, randomBytes(size))
      }
    },
    Check("report.longest", "PING brings back the longest message, 7,609 bytes", "2") {
      bench throws(CheckEnd) in
      try bench.wire.expectEcho(on: bench.main, randomBytes(FramingLimits.messageSize))
    },
    Check(
      "report.toolong", "A message that claims more than 7,609 bytes is invalidLength", "2, rule 7"
    ) { bench throws(CheckEnd) in
      for length in [FramingLimits.messageSize + 1, 0xFFFF] {
        try bench.wire.send(Frame(on: bench.main, FramingCommand.ping.rawValue, length: length))
        try bench.wire.expectError(.invalidLength, on: bench.main)
        try bench.wire.expectEcho(on: bench.main)
      }
    },
    Check("report.unknown", "Every command that there is not is invalidCommand", "2, rule 7") {
      bench throws(CheckEnd) in
      let known: [FramingCommand] = [.ping, .lock, .initialize, .wink, .cancel, .applet]
      for command in UInt8(0)...0x7F where !known.contains(where: { $0.rawValue == command }) {
        try bench.wire.send(Frame(on: bench.main, command, length: 0))
        try bench.wire.expectError(.invalidCommand, on: bench.main)
      }
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("report.wink", "WINK is answered with an empty WINK", "2") { bench throws(CheckEnd) in
      let answer = try bench.wire.exchange(.wink, on: bench.main)
      try bench.wire.require(answer.isEmpty, "no bytes", "\(answer.count) bytes")
    },
    Check("report.wink.length", "WINK with data is invalidLength", "2, rule 7") {
      bench throws(CheckEnd) in
      try bench.wire.send(.wink, [1], on: bench.main)
      try bench.wire.expectError(.invalidLength, on: bench.main)
    },
  ]

  static let messages: [Check] = [
    Check(
      "message.begun", "An initialisation packet within a message ends it with invalidSequence",
      "2, rule 6"
    ) { bench throws(CheckEnd) in
      try bench.wire.send(.ping, randomBytes(100), on: bench.main, first: 1)
      try bench.wire.send(.ping, randomBytes(4), on: bench.main)
      try bench.wire.expectError(.invalidSequence, on: bench.main)
      // Neither of the two is answered any more, and what remains of the first means nothing.
      try bench.wire.send(Frame(on: bench.main, sequence: 0))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check(
      "message.sequence", "A continuation with the wrong sequence number is invalidSequence",
      "2, rule 6"
    ) { bench throws(CheckEnd) in
      for wrong: UInt8 in [1, 0x7F] {
        try bench.wire.send(.ping, randomBytes(100), on: bench.main, first: 1)
        try bench.wire.send(Frame(on: bench.main, sequence: wrong))
        try bench.wire.expectError(.invalidSequence, on: bench.main)
      }
      // The same number twice.
      try bench.wire.send(.ping, randomBytes(200), on: bench.main, first: 2)
      try bench.wire.send(Frame(on: bench.main, sequence: 0))
      try bench.wire.expectError(.invalidSequence, on: bench.main)
      try bench.wire.send(Frame(on: bench.main, sequence: 1))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check(
      "message.stray", "A continuation packet outside any message is ignored", "2, rule 6"
    ) { bench throws(CheckEnd) in
      for sequence: UInt8 in [0, 1, 0x7F] {
        try bench.wire.send(Frame(on: bench.main, sequence: sequence))
        try bench.wire.expectNothing()
      }
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("message.cancelled", "CANCEL within a message drops it without an answer", "2, rule 6") {
      bench throws(CheckEnd) in
      try bench.wire.send(.ping, randomBytes(100), on: bench.main, first: 1)
      try bench.wire.send(.cancel, on: bench.main)
      try bench.wire.expectNothing()
      try bench.wire.send(Frame(on: bench.main, sequence: 0))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("message.cancel.idle", "CANCEL with nothing to cancel is not answered", "2") {
      bench throws(CheckEnd) in
      try bench.wire.send(.cancel, on: bench.main)
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check(
      "message.turned", "A new request drops what is left of the response before", "2, rule 10"
    ) { bench throws(CheckEnd) in
      let long = randomBytes(600)
      try bench.wire.send(.ping, long, on: bench.main)
      let frame = try bench.wire.expectFrame("PING on \(bench.main.words)")
      try bench.wire.require(
        frame.header == Frame.message(.ping, long, on: bench.main)[0].header,
        "PING of 600 bytes", "\(frame)")
      let short = randomBytes(5)
      try bench.wire.send(.ping, short, on: bench.main)
      // What the system between had fetched by then comes first, in order.
      for number in UInt8(0)... {
        let frame = try bench.wire.expectFrame("PING of 5 bytes on \(bench.main.words)")
        guard case .continuation(let sequence) = frame.header else {
          try bench.wire.require(
            frame.header == .initialization(command: FramingCommand.ping.rawValue, length: 5)
              && frame.payload.starts(with: short),
            "PING of 5 bytes: \(hexadecimal(short))", "\(frame)")
          break
        }
        try bench.wire.require(
          sequence == number && number < 10, "the rest of the response, or PING of 5 bytes",
          "\(frame)")
      }
      try bench.wire.expectNothing()
    },
  ]
}
