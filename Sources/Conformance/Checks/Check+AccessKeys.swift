import OATH
import TokenCore

// Docs/protocol.md, section 5: SET CODE, VALIDATE, and what a locked token answers. On a token that has
// a password these go by that, which was given; on another they set a key of their own and clear it.
extension Check {
  static let accessKeys: [Check] = [
    Check("key.proof", "SET CODE without the right response is 6A80, and nothing has changed", "5")
    {
      bench throws(CheckEnd) in
      // Of the person's own key, so that a token that takes it does no harm.
      let identifier = try bench.select().identifier
      let secret = bench.personKey ?? AccessSecret(ownFor: identifier)
      try bench.open(bench.main)
      if !secret.isKept { bench.ownKey = secret }
      let challenge = randomBytes(8)
      var wrong = secret.response(to: challenge)
      wrong[wrong.count - 1] ^= 1
      for response in [wrong, Array(secret.response(to: challenge).dropLast()), randomBytes(20)] {
        let fields = [
          Field(.key, [secret.kind] + secret.key), Field(.challenge, challenge),
          Field(.response, response),
        ]
        try bench.refuse(Command(.setCode, fields.bytes).kept, .wrongData)
      }
      let isLocked = try bench.select().lock != nil
      try bench.wire.require(
        isLocked == secret.isKept, secret.isKept ? "the key of before" : "no access key",
        isLocked ? "an access key" : "none")
      if !isLocked { bench.ownKey = nil }
    },
    Check("key.algorithms", "An access key may be of SHA-1, SHA-256 and SHA-512", "5") {
      bench throws(CheckEnd) in
      guard bench.personKey == nil else { throw .skipped("the token has a password") }
      let own = AccessSecret(ownFor: try bench.select().identifier)
      for algorithm in HashAlgorithm.allCases {
        let secret = AccessSecret(key: own.key, algorithm: algorithm, isKept: false)
        try bench.setOwnKey(secret)
        let lock = try bench.select().lock
        try bench.wire.require(
          lock?.algorithm == algorithm.rawValue, "7B \(hexadecimal(algorithm.rawValue))",
          lock.map { hexadecimal($0.algorithm) } ?? "no access key")
        try bench.clearOwnKey()
      }
    },
    Check("key.refuses", "A channel that did not VALIDATE is answered 6982", "5") {
      bench throws(CheckEnd) in
      let sample = bench.sample("locked")
      try bench.put(sample)
      bench.mayHaveStaged = true
      try bench.locked { secret throws(CheckEnd) in
        let commands =
          [
            Command(.put, p1: 0, sample.data), Command(.delete, sample.nameField),
            Command(.rename, sample.nameField + sample.nameField), Command(.list),
            Command(.calculate, p2: 1, sample.calculation()),
            Command(.calculate, p2: 0x80, sample.calculation()),
            Command(.selectOrCalculateAll, p2: 1, Field(.challenge, []).bytes),
            Command(.setClockPolicy, Field(.clockPolicy, [0]).bytes), Command(.sendRemaining),
            Command(.stage, sample.data),
            Command(.calculateStaged, p2: 0x81, sample.calculation()),
            Command(.commit, sample.nameField), Command(.rollBack),
            bench.storing(["abc"], for: sample), Command(.takeRecoveryCode, sample.nameField),
            Command(.countRecoveryCodes, sample.nameField),
          ]
        for command in commands { try bench.refuse(command, .securityStatusNotSatisfied) }
        // Asking for the nonce proves nothing yet.
        _ = try bench.select()
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
        try bench.unlock(bench.main, with: secret)
        try bench.requireListed(sample)
      }
    },
    Check("key.exempt", "A locked token still answers to what needs no proof", "5") {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        let lock = try bench.select().lock
        try bench.wire.require(
          lock?.algorithm == secret.algorithm.rawValue, "a nonce, and the key's algorithm",
          "none, or another")
        let information = try bench.tokenInformation()
        try bench.wire.require(information.isLocked, "DD 1", "DD 0")
        _ = try bench.clock()
        _ = try bench.nonce()
        // Malformed, and known as that before anybody asks for a proof.
        for command in [
          Command(.validate), Command(.clockSync), Command(.clockSet), Command(.nonce, [0]),
          Command(.setCode), Command(.setPIN),
        ] {
          try bench.refuse(command, .wrongData)
        }
      }
    },
    Check("key.validates", "VALIDATE proves the host to the token, and the token to the host", "5")
    {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        _ = try bench.list()
        // For that channel alone.
        try bench.refuse(Command(.list), .securityStatusNotSatisfied, on: bench.other)
      }
    },
    Check("key.wrong", "VALIDATE without the right response is 6A80, and opens nothing", "5") {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        let first = try bench.select().lock?.nonce ?? []
        let second = try bench.select().lock?.nonce ?? []
        try bench.wire.require(first != second, "another nonce each time", "the same twice")
        // Over the nonce of the SELECT before the last.
        try bench.refuse(bench.proof(of: secret, for: first), .wrongData)
        let stranger = AccessSecret(
          key: randomBytes(16), algorithm: secret.algorithm, isKept: false)
        let nonce = try bench.select().lock?.nonce ?? []
        try bench.refuse(bench.proof(of: stranger, for: nonce), .wrongData)
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
      }
    },
    Check("key.ends", "A channel's SELECT and INIT end what it proved", "5; 2, rule 2") {
      bench throws(CheckEnd) in
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        _ = try bench.select()
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
        try bench.unlock(bench.main, with: secret)
        // Of another application as well.
        try bench.refuse(
          Command(.selectOrCalculateAll, p1: 4, [0xA0]), .applicationNotFound)
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
        try bench.unlock(bench.main, with: secret)
        try bench.wire.resynchronize(bench.main)
        try bench.refuse(Command(.list), .securityStatusNotSatisfied)
      }
    },
    Check("key.staged", "A locked token tells that an update is staged, and not which", "9") {
      bench throws(CheckEnd) in
      let sample = bench.sample("hidden")
      try bench.put(sample)
      try bench.locked { secret throws(CheckEnd) in
        try bench.unlock(bench.main, with: secret)
        try bench.stage(sample)
        let hidden = try bench.tokenInformation(on: bench.other).staged
        try bench.wire.require(
          hidden == [], "DE without a name", hidden.map { "\($0.count) bytes" } ?? "no DE")
        let shown = try bench.tokenInformation().staged
        try bench.wire.require(
          shown == sample.name, "DE with the name", "none, or another name")
      }
    },
  ]
}
