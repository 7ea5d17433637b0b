import TokenCore

// What outlives the cable, and what does not.
extension Check {
  static let replug: [Check] = [
    Check("replug.keeps", "Credentials, counters and recovery codes outlive the cable", "5, 8") {
      bench throws(CheckEnd) in
      let totp = bench.sample("kept")
      var hotp = bench.sample("counted")
      hotp.type = .hotp
      let gone = bench.sample("gone")
      for sample in [totp, hotp, gone] { try bench.put(sample) }
      try bench.delete(gone)
      try bench.requireCode(hotp, at: 0)
      try bench.perform(bench.storing(["abc", "def"], for: totp))
      try bench.requireTaken("abc", left: 1, of: 2, from: totp)
      let identifier = try bench.select().identifier
      try bench.open(bench.main)

      try bench.replug()
      let after = try bench.select().identifier
      try bench.wire.require(
        after == identifier, "the identifier \(hexadecimal(identifier))", hexadecimal(after))
      try bench.open(bench.main)
      for sample in [totp, hotp] { try bench.requireListed(sample) }
      try bench.requireListed(gone, false)
      try bench.requireCode(hotp, at: 1)
      try bench.requireTaken("def", left: 0, of: 2, from: totp)
      // A clock without a battery has lost its count, and says so; one that is unsure gives no code.
      if let reading = try bench.clock().reading, reading.bound <= 15_000_000 {
        try bench.requireOwnCode(totp)
      }
    },
    Check("replug.proof", "What a channel proved, and its nonce, end with the cable", "12") {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        let nonce = try bench.nonce()
        let channel = bench.main
        try bench.replug()
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
        // The number may be good yet, where the token kept its power.
        bench.wire.watch(channel)
        if try bench.wire.isAllocated(channel) {
          try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: channel)
          let command = Command(.setCode, secret.data).kept
          try bench.refuse(
            secret.proving(command, over: nonce), .conditionsNotSatisfied, on: channel)
        }
      }
    },
    Check("replug.forgets", "A staged update ends with the cable", "7") {
      bench throws(CheckEnd) in
      let sample = bench.sample("staged")
      try bench.put(sample)
      try bench.stage(sample)
      try bench.replug()
      if bench.personKey != nil { try bench.open(bench.main) }
      try bench.requireNothingStaged(for: sample)
      try bench.requireListed(sample)
    },
  ]
}
