import TokenClient
import TokenCore

// Docs/protocol.md, section 2, rule 8. The time that passes here, from before a report was sent until
// after the answer came, is never less than what passed for the token; 2 % are left for clocks.
extension Check {
  static let timeouts: [Check] = [
    Check(
      "timeout.message", "An unfinished message ends with messageTimeout, after 500 ms", "2, rule 8"
    ) { bench throws(CheckEnd) in
      let start = Deadline.now
      try bench.wire.send(.ping, randomBytes(200), on: bench.main, first: 2)
      try bench.wire.expectError(
        .messageTimeout, on: bench.main, within: .milliseconds(500) + bench.wire.patience)
      let spent = milliseconds(since: start)
      try bench.wire.require(spent >= 490, "500 ms for the next packet", "\(spent) ms")
      // The rest is nobody's any more.
      try bench.wire.send(Frame(on: bench.main, sequence: 1))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("timeout.packet", "Each packet of a message has 500 ms of its own", "2, rule 8") {
      bench throws(CheckEnd) in
      let payload = randomBytes(200)
      for _ in 0..<8 {
        if try bench.sendSlowly(Frame.message(.ping, payload, on: bench.main)) {
          let echo = try bench.wire.message(.ping, on: bench.main)
          return try bench.wire.require(
            echo == payload, hexadecimal(payload, limit: 20), hexadecimal(echo, limit: 20))
        }
        try bench.recoverMain()
      }
      throw .skipped("this computer is too busy to send packets in time")
    },
    Check(
      "timeout.response", "A response that nobody fetches does not keep the token", "2, rule 8"
    ) { bench throws(CheckEnd) in
      let payload = randomBytes(300)
      try bench.wire.send(.ping, payload, on: bench.main)
      bench.wire.rest(.milliseconds(700))
      let second = randomBytes(4)
      try bench.wire.send(.ping, second, on: bench.other)
      // If the system between has fetched the response, it comes first, and whole.
      var frame = try bench.wire.expectFrame("PING on \(bench.other.words)")
      for expected in Frame.message(.ping, payload, on: bench.main)
      where frame.channel == bench.main {
        try bench.wire.require(
          frame.header == expected.header && frame.payload == expected.payload, "\(expected)",
          "\(frame)")
        frame = try bench.wire.expectFrame("PING on \(bench.other.words)")
      }
      let expected = Frame.message(.ping, second, on: bench.other)[0]
      try bench.wire.require(
        frame.channel == expected.channel && frame.header == expected.header
          && frame.payload == expected.payload,
        "\(expected)", "\(frame)")
    },
  ]
}

extension Bench {
  /// Sends packets 300 ms apart, in which the token has to be silent.
  ///
  /// - Returns: `false` when this host was held up for so long that the token may have given up.
  fileprivate func sendSlowly(_ frames: [Frame]) throws(CheckEnd) -> Bool {
    var last = Deadline.now
    for (index, frame) in frames.enumerated() {
      let early = index > 0 ? try wire.next(before: Deadline(in: .milliseconds(300))) : nil
      let previous = last
      last = .now
      try wire.send(frame)
      if index > 0, milliseconds(since: previous) >= 490 { return false }
      if let early {
        throw wire.deviation(expected: "500 ms for the next packet", received: "\(early)")
      }
    }
    return true
  }
}

private func milliseconds(since start: Deadline) -> UInt64 {
  (Deadline.now.nanoseconds - start.nanoseconds) / 1_000_000
}
