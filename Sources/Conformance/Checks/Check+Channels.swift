import TokenCore

// Docs/protocol.md, section 2, rules 1 to 3: INIT and channels.
extension Check {
  static let channels: [Check] = [
    Check("init.broadcast", "INIT on the broadcast channel gives a channel of its own", "2, rule 2")
    {
      bench throws(CheckEnd) in
      let first = try bench.wire.allocate()
      let second = try bench.wire.allocate()
      try bench.wire.require(
        Set([first, second, bench.main, bench.other, bench.third]).count == 5,
        "channels that nobody has yet", "\(first.words), then \(second.words)")
      try bench.wire.expectEcho(on: first)
      try bench.wire.expectEcho(on: second)
    },
    Check("init.greeting", "INIT tells protocol version 2, and WINK and 'no U2F messages'", "2") {
      bench throws(CheckEnd) in
      let greeting = try bench.wire.greeting(on: .broadcast)
      try bench.wire.require(
        greeting.protocolVersion == 2, "protocol version 2", "\(greeting.protocolVersion)")
      let expected: Capabilities = [.wink, .noMessage]
      try bench.wire.require(
        greeting.capabilities == expected, "capabilities \(hexadecimal(expected.rawValue))",
        hexadecimal(greeting.capabilities.rawValue))
    },
    Check("init.resync", "INIT on a channel keeps it, and drops what it was doing", "2, rule 2") {
      bench throws(CheckEnd) in
      try bench.wire.send(.ping, randomBytes(100), on: bench.main, first: 1)
      try bench.wire.resynchronize(bench.main)
      try bench.wire.send(Frame(on: bench.main, sequence: 0))
      try bench.wire.expectNothing()
      try bench.wire.expectEcho(on: bench.main)
    },
    Check("init.length", "INIT with another length than 8 is invalidLength", "2, rule 2") {
      bench throws(CheckEnd) in
      for channel in [ChannelID.broadcast, bench.main] {
        for size in [0, 7, 9, 57] {
          try bench.wire.send(.initialize, randomBytes(size), on: channel)
          try bench.wire.expectError(.invalidLength, on: channel)
        }
      }
      try bench.wire.expectEcho(on: bench.main)
    },
    Check(
      "init.unallocated", "INIT on a channel that was never allocated is invalidChannel",
      "2, rule 3"
    ) { bench throws(CheckEnd) in
      let channel = bench.unallocatedChannel()
      try bench.wire.send(.initialize, randomBytes(8), on: channel)
      try bench.wire.expectError(.invalidChannel, on: channel)
    },
    Check("channel.zero", "A report on channel 0 is invalidChannel", "2, rule 1") {
      bench throws(CheckEnd) in
      for command: FramingCommand in [.ping, .initialize, .wink, .cancel, .applet] {
        let payload = command == .initialize ? randomBytes(8) : []
        try bench.wire.send(command, payload, on: .reserved)
        try bench.wire.expectError(.invalidChannel, on: .reserved)
      }
      try bench.wire.send(Frame(on: .reserved, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: .reserved)
    },
    Check("channel.broadcast", "On the broadcast channel only INIT is taken", "2, rule 1") {
      bench throws(CheckEnd) in
      for command: FramingCommand in [.ping, .lock, .wink, .cancel, .applet] {
        let payload: [UInt8] = command == .lock ? [1] : []
        try bench.wire.send(command, payload, on: .broadcast)
        try bench.wire.expectError(.invalidChannel, on: .broadcast)
      }
      try bench.wire.send(Frame(on: .broadcast, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: .broadcast)
    },
    Check(
      "channel.unallocated", "A channel that was never allocated is invalidChannel", "2, rule 3"
    ) {
      bench throws(CheckEnd) in
      let channel = bench.unallocatedChannel()
      for command: FramingCommand in [.ping, .lock, .wink, .cancel, .applet] {
        let payload: [UInt8] = command == .lock ? [1] : []
        try bench.wire.send(command, payload, on: channel)
        try bench.wire.expectError(.invalidChannel, on: channel)
      }
      try bench.wire.send(Frame(on: channel, sequence: 0))
      try bench.wire.expectError(.invalidChannel, on: channel)
    },
    Check("channel.several", "Each channel is answered on itself", "2") { bench throws(CheckEnd) in
      for channel in [bench.main, bench.other, bench.third, bench.main] {
        try bench.wire.expectEcho(on: channel)
      }
    },
  ]
}

extension Bench {
  /// A channel that no host has: far beyond the last one, since they are numbered from 1.
  func unallocatedChannel() -> ChannelID {
    let channel = ChannelID(rawValue: 0xFFFF_0000 | UInt32.random(in: 1...0xFFF0))
    wire.watch(channel)
    return channel
  }
}
