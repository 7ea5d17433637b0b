import OATH
import TokenCore

// Docs/protocol.md, section 5: PUT, DELETE, RENAME, LIST.
extension Check {
  static let credentials: [Check] = [
    Check("put.list", "What was PUT is LISTed, with its kind, and what it needs if asked for", "5")
    {
      bench throws(CheckEnd) in
      var totp = bench.sample("totp")
      totp.algorithm = .sha256
      totp.properties = .onlyIncreasing
      var hotp = bench.sample("hotp")
      hotp.type = .hotp
      hotp.algorithm = .sha512
      for sample in [totp, hotp] {
        try bench.put(sample)
        try bench.requireListed(sample)
      }
      // And without properties.
      let fields = try bench.fields(Command(.list))
      for sample in [totp, hotp] {
        let entry = Field(.nameList, [sample.kind] + sample.name)
        try bench.wire.require(
          fields.contains(entry), hexadecimal(entry.bytes, limit: 80), "no such entry")
      }
    },
    Check("put.replaces", "PUT with P1 = 0 replaces a credential and drops its recovery codes", "5")
    {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let first = bench.sample("replaced")
      try bench.put(first)
      try bench.perform(bench.storing(["abc"], for: first))
      try bench.requireRecoveryCodes(left: 1, of: 1, for: first)
      var second = first
      second.key = randomBytes(32)
      second.digits = 8
      try bench.put(second, replacing: true)
      try bench.requireListed(second)
      try bench.requireOwnCode(second)
      try bench.requireRecoveryCodes(left: 0, of: 0, for: second)
    },
    Check("put.exists", "PUT with P1 = 1 answers 6A89 to a name that exists, and keeps it", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let first = bench.sample("exists")
      try bench.put(first)
      var second = first
      second.key = randomBytes(20)
      try bench.refuse(bench.putting(second), .nameExists)
      try bench.requireOwnCode(first)
    },
    Check("put.names", "Names have 1 to 64 bytes of any kind", "5") { bench throws(CheckEnd) in
      var sample = bench.sample("long")
      sample.name = bench.name(ofLength: AppletLimits.nameSize)
      try bench.put(sample)
      try bench.requireListed(sample)
      sample.name = Array(sample.name.prefix(40)) + [0x00, 0x0A, 0x7F, 0x80, 0xFF, 0x20]
      try bench.put(sample)
      try bench.requireListed(sample)
      guard let free = (UInt8.min ... .max).first(where: { !bench.inventory.contains([$0]) })
      else { return }
      sample.name = [free]
      try bench.put(sample)
      try bench.requireListed(sample)
    },
    Check("put.keys", "Keys have 1 to 64 bytes, of SHA-512 to 128, and more or none is 6A80", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let sizes: [(HashAlgorithm, right: [Int], wrong: [Int])] = [
        (.sha1, [1, 16, 20, 32, 63, 64], [0, 65, 128]), (.sha256, [1, 64], [0, 65]),
        (.sha512, [1, 64, 65, 127, 128], [0, 129]),
      ]
      for (algorithm, right, wrong) in sizes {
        var sample = bench.sample("key")
        sample.algorithm = algorithm
        for size in right {
          sample.key = randomBytes(size)
          try bench.put(sample)
          try bench.requireOwnCode(sample)
          try bench.delete(sample)
        }
        for size in wrong {
          sample.key = randomBytes(size)
          try bench.refuse(bench.putting(sample), .wrongData)
        }
      }
      try bench.requireListed(bench.sample("key"), false)
    },
    Check("put.digits", "Codes have 6 to 10 digits, and anything else is 6A80", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      for digits: UInt8 in 6...10 {
        var sample = bench.sample("digits")
        sample.digits = digits
        try bench.put(sample)
        try bench.requireOwnCode(sample)
        try bench.delete(sample)
      }
      for digits: UInt8 in [0, 5, 11, 0xFF] {
        var sample = bench.sample("digits")
        sample.digits = digits
        try bench.refuse(bench.putting(sample), .wrongData)
      }
    },
    Check("put.kinds", "A type or an algorithm that there is not is 6A80", "5") {
      bench throws(CheckEnd) in
      let sample = bench.sample("kind")
      bench.claim(sample.name)
      for kind: UInt8 in [0x00, 0x01, 0x10, 0x14, 0x20, 0x24, 0x31, 0xA1, 0xFF] {
        let key = Field(.key, [kind, 6] + sample.key)
        try bench.refuse(Command(.put, p1: 1, sample.nameField + key.bytes), .wrongData)
      }
    },
    Check("put.properties", "Properties other than 'only increasing' and touch are 6A80", "5") {
      bench throws(CheckEnd) in
      var sample = bench.sample("properties")
      for properties: UInt8 in [0x04, 0x08, 0x80, 0xFC, 0xFF] {
        sample.properties = CredentialProperties(rawValue: properties)
        try bench.refuse(bench.putting(sample), .wrongData)
      }
      for properties: UInt8 in 0...3 {
        sample.properties = CredentialProperties(rawValue: properties)
        try bench.put(sample)
        try bench.requireListed(sample)
        try bench.delete(sample)
      }
    },
    Check("put.counters", "A first counter of another length than 4 is 6A80", "5") {
      bench throws(CheckEnd) in
      var sample = bench.sample("counter")
      sample.type = .hotp
      bench.claim(sample.name)
      for size in [0, 3, 5, 8] {
        let counter = Field(.counter, randomBytes(size))
        try bench.refuse(Command(.put, p1: 1, sample.data + counter.bytes), .wrongData)
      }
    },
    Check(
      "put.full", "PUT on a full token answers 6A84, and changes nothing", "4", isSlow: true,
      limit: .seconds(120)
    ) { bench throws(CheckEnd) in
      let information = try bench.tokenInformation()
      for number in information.stored..<information.room {
        try bench.put(bench.sample("full \(number)"))
      }
      let sample = bench.sample("one too many")
      try bench.refuse(bench.putting(sample), .noSpace)
      try bench.requireListed(sample, false)
      let after = try bench.tokenInformation()
      try bench.wire.require(
        after.stored == information.room, "\(information.room) credentials", "\(after.stored)")
    },
    Check("delete.gone", "What was DELETEd is gone, and every command answers 6984", "5") {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let kept = bench.sample("kept")
      let sample = bench.sample("gone")
      try bench.put(kept)
      try bench.put(sample)
      try bench.delete(sample)
      try bench.requireListed(sample, false)
      let commands = [
        Command(.delete, sample.nameField), Command(.calculate, p2: 1, sample.calculation()),
        Command(.rename, sample.nameField + sample.nameField), Command(.stage, sample.data),
        bench.storing(["abc"], for: sample), Command(.takeRecoveryCode, sample.nameField),
        Command(.countRecoveryCodes, sample.nameField),
      ]
      for command in commands { try bench.refuse(command, .noSuchObject) }
      try bench.requireOwnCode(kept)
    },
    Check("rename.keeps", "RENAME keeps key, counter, properties and recovery codes", "5") {
      bench throws(CheckEnd) in
      var sample = bench.sample("old")
      sample.type = .hotp
      sample.counter = 41
      sample.properties = .onlyIncreasing
      try bench.put(sample)
      try bench.requireCode(sample, at: 41)
      try bench.perform(bench.storing(["abc", "def"], for: sample))
      var renamed = sample
      renamed.name = bench.sample("another, longer").name
      bench.claim(renamed.name)
      try bench.perform(Command(.rename, sample.nameField + renamed.nameField))
      try bench.requireListed(sample, false)
      try bench.requireListed(renamed)
      try bench.requireCode(renamed, at: 42)
      try bench.requireRecoveryCodes(left: 2, of: 2, for: renamed)
    },
    Check("rename.period", "RENAME to a name with another period is 6A80, and changes nothing", "5")
    {
      bench throws(CheckEnd) in
      try bench.requireTime()
      let half = bench.sample("half")
      let minute = bench.sample("minute", period: 60)
      for sample in [half, minute] { try bench.put(sample) }
      for front in ["29/", "60/", "86400/"] {
        let name = Array("\(front)\(bench.prefix):half".utf8)
        bench.claim(name)
        try bench.refuse(
          Command(.rename, half.nameField + Field(.name, name).bytes), .wrongData)
      }
      let plain = bench.sample("plain")
      bench.claim(plain.name)
      try bench.refuse(Command(.rename, minute.nameField + plain.nameField), .wrongData)
      for sample in [half, minute] {
        try bench.requireListed(sample)
        try bench.requireOwnCode(sample)
      }
      // Another name of the same period.
      var renamed = bench.sample("renamed", period: 60)
      renamed.key = minute.key
      bench.claim(renamed.name)
      try bench.perform(Command(.rename, minute.nameField + renamed.nameField))
      try bench.requireOwnCode(renamed)
      // A counter has no period.
      var counting = bench.sample("counting")
      counting.type = .hotp
      try bench.put(counting)
      let moved = Array("60/\(bench.prefix):counting".utf8)
      bench.claim(moved)
      try bench.perform(Command(.rename, counting.nameField + Field(.name, moved).bytes))
      counting.name = moved
      try bench.requireCode(counting, at: 0)
    },
    Check("rename.exists", "RENAME to a name that exists is 6A89, and changes nothing", "5") {
      bench throws(CheckEnd) in
      let first = bench.sample("first")
      let second = bench.sample("second")
      try bench.put(first)
      try bench.put(second)
      for name in [second.nameField, first.nameField] {
        try bench.refuse(Command(.rename, first.nameField + name), .nameExists)
      }
      try bench.requireListed(first)
      try bench.requireListed(second)
    },
  ]
}
