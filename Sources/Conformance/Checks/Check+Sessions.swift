import TokenClient
import TokenCore

// Docs/protocol.md, section 12: what a channel has proved, and when that ends.
extension Check {
  static let sessions: [Check] = [
    Check("session.idle", "A proof that is not used for 60 s ends", "12") {
      bench throws(CheckEnd) in
      try bench.requireWarp()
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        try bench.unlock(bench.other, with: secret)
        for _ in 0..<2 {
          // Used now and then, it holds.
          try bench.warp(.seconds(45))
          _ = try bench.list()
        }
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: bench.other)
        try bench.warp(.seconds(60))
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
      }
    },
    Check("session.longest", "A proof ends 10 minutes after it was given, however it is used", "12")
    {
      bench throws(CheckEnd) in
      try bench.requireWarp()
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        for _ in 0..<14 {
          try bench.warp(.seconds(40))
          _ = try bench.list()
        }
        try bench.warp(.seconds(40))
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
      }
    },
    Check("session.bus", "A bus that sleeps ends proofs, nonces, LOCK and a staged update", "12") {
      bench throws(CheckEnd) in
      let sample = bench.sample("staged")
      try bench.put(sample)
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        try bench.stage(sample)
        let nonce = try bench.nonce()
        try bench.lock(10)
        try bench.suspendBus()
        try bench.wire.expectEcho(on: bench.other)
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
        let command = Command(.setCode, secret.data).kept
        try bench.refuse(secret.proving(command, over: nonce), .conditionsNotSatisfied)
        try bench.unlock(bench.main, with: secret)
        try bench.requireNothingStaged(for: sample)
      }
    },
    Check("session.crowd", "Channels that proved nothing push out none that did", "12") {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        var last = bench.main
        for _ in 0..<20 {
          last = try bench.wire.allocate()
          let lock = try bench.select(on: last).lock
          try bench.wire.require(lock != nil, "a nonce", "none")
        }
        _ = try bench.list()
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: last)
      }
    },
    Check(
      "session.four", "Four channels have proved something, and a fifth replaces the idlest", "12"
    ) {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        var channels: [ChannelID] = []
        for _ in 0..<4 {
          channels.append(try bench.wire.allocate())
          try bench.unlock(channels[channels.count - 1], with: secret)
        }
        for channel in channels { _ = try bench.list(on: channel) }
        // The first has been used since; the second was not.
        _ = try bench.list(on: channels[0])
        try bench.unlock(bench.main, with: secret)
        _ = try bench.list()
        for channel in [channels[0], channels[2], channels[3]] { _ = try bench.list(on: channel) }
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: channels[1])
        for channel in channels { try bench.wire.resynchronize(channel) }
      }
    },
    Check("session.replaced", "SET CODE ends what every channel has proved", "12") {
      bench throws(CheckEnd) in
      let first = try bench.makeOwnKey()
      try bench.setOwnKey(first)
      for channel in [bench.main, bench.other] {
        try bench.unlock(channel, with: first)
        _ = try bench.list(on: channel)
      }
      let second = AccessSecret(key: randomBytes(16), algorithm: .sha256, isKept: false)
      try bench.replaceOwnKey(first, by: second)
      for channel in [bench.main, bench.other] {
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: channel)
      }
      let nonce = try bench.select().lock?.nonce ?? []
      try bench.refuse(bench.proof(of: first, for: nonce), .wrongData)
      try bench.unlock(bench.main, with: second)
    },
    Check("session.cleared", "Clearing the access key ends what every channel has proved", "12") {
      bench throws(CheckEnd) in
      let secret = try bench.makeOwnKey()
      let sample = bench.sample("cleared")
      try bench.put(sample)
      try bench.setOwnPIN()
      let channels = [bench.main, bench.other]
      for channel in channels { try bench.perform(Bench.verifyingPIN, on: channel, waits: true) }
      try bench.perform(
        Command(.setCode, secret.data + Field(.pin, Bench.ownPIN).bytes).kept, waits: true)
      bench.ownKey = secret
      for channel in channels { try bench.perform(Bench.verifyingPIN, on: channel, waits: true) }
      _ = try bench.list(on: bench.other)
      try bench.clearOwnKey()
      for channel in channels {
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: channel)
      }
      try bench.clearOwnPIN()
    },
    Check(
      "nonce.fresh", "NONCE gives another number each time, and VALIDATE takes none of them", "12"
    ) {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        let nonces = [
          try bench.nonce(), try bench.nonce(), try bench.nonce(on: bench.other),
          try bench.nonce(on: bench.third),
        ]
        try bench.wire.require(
          Set(nonces).count == nonces.count, "another nonce each time", "the same twice")
        try bench.refuse(bench.proof(of: secret, for: nonces[1]), .conditionsNotSatisfied)
        _ = try bench.select()
        try bench.refuse(bench.proof(of: secret, for: try bench.nonce()), .wrongData)
      }
    },
    Check("nonce.expires", "A nonce is good for 60 s", "12") { bench throws(CheckEnd) in
      try bench.requireWarp()
      let secret = try bench.makeOwnKey()
      try bench.setOwnKey(secret)
      let command = Command(.setCode, secret.data).kept
      let early = try bench.proving(command, under: secret)
      try bench.warp(.seconds(45))
      try bench.perform(early)
      let late = try bench.proving(command, under: secret)
      try bench.warp(.seconds(60))
      try bench.refuse(late, .conditionsNotSatisfied)
    },
  ]
}

extension Bench {
  /// Skips the check where nobody lets time pass.
  fileprivate func requireWarp() throws(CheckEnd) {
    if inventory.isEmpty { try requireTime() }
    try warp(.zero)
  }
}
