import TokenCore

// Docs/protocol.md, sections 3 and 5: fields, and what is refused in them.
extension Check {
  static let fields: [Check] = [
    Check("field.forms", "A field's length may be 81 and one byte, or 82 and two", "3") {
      bench throws(CheckEnd) in
      for form: UInt8 in [0x81, 0x82] {
        var sample = bench.sample("form")
        sample.counter = nil
        bench.claim(sample.name)
        let key = Field(.key, [sample.kind, sample.digits] + sample.key)
        let data = Field(.name, sample.name).bytes(form: form) + key.bytes(form: form)
        try bench.perform(Command(.put, p1: 1, data))
        try bench.requireListed(sample)
        try bench.delete(sample)
      }
    },
    Check("field.malformed", "A row of fields that is none is 6A80, and nothing has changed", "3") {
      bench throws(CheckEnd) in
      let sample = bench.sample("malformed")
      bench.claim(sample.name)
      let name = Field(.name, sample.name).bytes
      let key = Field(.key, [sample.kind, sample.digits] + sample.key).bytes
      let size = UInt8(sample.name.count)
      let rows: [[UInt8]] = [
        [], name, key, key + name, name + key + [0], name + key + name, name + name + key,
        Array(name.dropLast()), [Tag.name.rawValue], name + [Tag.key.rawValue],
        name + key.dropLast(),
        // Longer than all there is, and lengths in forms that there are not.
        [Tag.name.rawValue, 0x7F] + sample.name + key,
        [Tag.name.rawValue, 0x80] + sample.name + key,
        [Tag.name.rawValue, 0x83, 0, 0, size] + sample.name + key,
        [Tag.name.rawValue, 0x82, 0],
      ]
      for row in rows { try bench.refuse(Command(.put, p1: 1, row), .wrongData) }
      try bench.requireListed(sample, false)
    },
    Check("field.names", "Every command that takes a name refuses 0 and 65 bytes with 6A80", "3, 5")
    {
      bench throws(CheckEnd) in
      let sample = bench.sample("names")
      for size in [0, AppletLimits.nameSize + 1] {
        let name = Field(.name, size == 0 ? [] : bench.name(ofLength: size)).bytes
        if size > 0 { bench.claim(bench.name(ofLength: size)) }
        let key = Field(.key, [sample.kind, sample.digits] + sample.key).bytes
        let challenge = Field(.challenge, []).bytes
        let commands = [
          Command(.put, p1: 1, name + key), Command(.delete, name),
          Command(.rename, name + sample.nameField), Command(.rename, sample.nameField + name),
          Command(.calculate, p2: 1, name + challenge), Command(.stage, name + key),
          Command(.calculateStaged, p2: 0x81, name + challenge), Command(.commit, name),
          Command(.storeRecoveryCodes, name), Command(.takeRecoveryCode, name),
          Command(.countRecoveryCodes, name),
        ]
        for command in commands { try bench.refuse(command, .wrongData) }
      }
    },
    Check("field.extra", "Data behind a command's own is 6A80", "3") { bench throws(CheckEnd) in
      let sample = bench.sample("extra")
      try bench.put(sample)
      let extra = Field(.property, [0]).bytes
      let commands = [
        Command(.delete, sample.nameField + extra),
        Command(.rename, sample.nameField + sample.nameField + extra),
        Command(.list, [0]), Command(.list, [1, 1]),
        Command(.calculate, p2: 1, sample.calculation() + extra),
        Command(.selectOrCalculateAll, p2: 1, Field(.challenge, []).bytes + extra),
        Command(.clockStatus, extra), Command(.information, extra), Command(.nonce, extra),
        Command(.takeRecoveryCode, sample.nameField + extra),
        Command(.countRecoveryCodes, sample.nameField + extra),
        Command(.storeRecoveryCodes, sample.nameField + extra),
      ]
      for command in commands { try bench.refuse(command, .wrongData) }
      try bench.requireListed(sample)
    },
    Check("field.challenge", "A challenge of neither 0 nor 8 bytes is 6A80", "5") {
      bench throws(CheckEnd) in
      let sample = bench.sample("challenge")
      try bench.put(sample)
      for size in [1, 7, 9] {
        let challenge = randomBytes(size)
        try bench.refuse(
          Command(.calculate, p2: 1, sample.calculation(challenge: challenge)), .wrongData)
        try bench.refuse(
          Command(.selectOrCalculateAll, p2: 1, Field(.challenge, challenge).bytes), .wrongData)
      }
    },
  ]
}
