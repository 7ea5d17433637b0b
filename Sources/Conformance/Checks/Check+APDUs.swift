import TokenCore

// Docs/protocol.md, section 3: command APDUs.
extension Check {
  static let apdus: [Check] = [
    Check("apdu.class", "A class other than 00 is 6E00", "3") { bench throws(CheckEnd) in
      for other: UInt8 in [0x01, 0x04, 0x80, 0xFF] {
        try bench.refuse(
          Command(raw: [other, Instruction.information.rawValue, 0, 0]), .unknownClass)
      }
    },
    Check("apdu.instruction", "Every instruction that there is not is 6D00", "4") {
      bench throws(CheckEnd) in
      for instruction in UInt8.min ... .max where Instruction(rawValue: instruction) == nil {
        try bench.refuse(Command(raw: [0, instruction, 0, 0]), .unknownInstruction)
      }
    },
    Check("apdu.interindustry", "No command has a number of ISO 7816-4's, C0 to CC: 6D00", "4") {
      bench throws(CheckEnd) in
      for instruction: UInt8 in 0xC0...0xCC {
        try bench.refuse(Command(raw: [0, instruction, 0, 0, 0]), .unknownInstruction)
        try bench.refuse(Command(raw: [0, instruction, 0, 0, 1, 0]), .unknownInstruction)
      }
    },
    Check("apdu.header", "An APDU of fewer than 4 bytes is 6700", "3, 4") {
      bench throws(CheckEnd) in
      for size in 0..<4 {
        let header = [0, Instruction.information.rawValue, 0, 0].prefix(size)
        try bench.refuse(Command(raw: Array(header)), .wrongLength)
      }
    },
    Check("apdu.length", "A length that is not that of the data is 6700", "3, 4") {
      bench throws(CheckEnd) in
      let header = [0, Instruction.list.rawValue, 0, 0]
      let bodies: [[UInt8]] = [
        [2, 1],  // A byte is missing,
        [1, 1, 0, 0],  // or one too many behind Le.
        [0, 0],  // Extended, and cut off.
        [0, 0, 2, 1],
        [0, 0, 1, 1, 0],
        [0, 0, 1, 1, 0, 0, 0],
        [0, 0, 0, 1],  // An extended length of 0 with data behind it.
      ]
      for body in bodies { try bench.refuse(Command(raw: header + body), .wrongLength) }
    },
    Check("apdu.forms", "Short and extended APDUs mean the same, and Le nothing", "3") {
      bench throws(CheckEnd) in
      let header = [0, Instruction.information.rawValue, 0, 0]
      let expected = try bench.ask(Command(raw: header))
      _ = try bench.fields(of: expected)
      for end: [UInt8] in [[0], [0xFF], [0, 0, 0], [0, 1, 0]] {
        let answer = try bench.ask(Command(raw: header + end))
        try bench.wire.require(
          answer.word == expected.word && answer.data == expected.data, expected.words,
          answer.words)
      }
      let sample = bench.sample("forms")
      let name = sample.nameField
      let size = UInt8(name.count)
      let delete = [0, Instruction.delete.rawValue, 0, 0]
      for body in [
        [size] + name, [size] + name + [0], [0, 0, size] + name, [0, 0, size] + name + [0, 0],
      ] {
        try bench.put(sample)
        try bench.perform(Command(raw: delete + body))
      }
    },
    Check("apdu.limit", "A data field has 512 bytes at most, and more is 6700", "3") {
      bench throws(CheckEnd) in
      // 512 bytes get as far as the command, which then does not want them.
      try bench.refuse(Command(.list, randomBytes(AppletLimits.requestSize)), .wrongData)
      for size in [AppletLimits.requestSize + 1, 7_000] {
        try bench.refuse(Command(.list, [UInt8](repeating: 1, count: size)), .wrongLength)
      }
    },
    Check("apdu.remaining", "SEND REMAINING finds nothing to send, 6985", "3") {
      bench throws(CheckEnd) in
      _ = try bench.list()
      try bench.refuse(Command(.sendRemaining), .conditionsNotSatisfied)
    },
    Check("apdu.parameters", "A P1 or P2 that the command does not have is 6A86", "4, 5") {
      bench throws(CheckEnd) in
      for instruction in Instruction.all {
        for (p1, p2) in instruction.wrongParameters {
          try bench.refuse(Command(instruction, p1: p1, p2: p2), .wrongParameters)
        }
      }
    },
  ]
}

extension Instruction {
  /// All but RESET, which no check sends: a token that got it wrong would be wiped.
  static let all: [Instruction] = [
    .put, .delete, .setCode, .rename, .list, .calculate, .validate, .selectOrCalculateAll,
    .sendRemaining, .verifyPIN, .changePIN, .setPIN, .clockStatus, .clockSync, .clockSet,
    .setClockPolicy, .stage, .commit, .rollBack, .calculateStaged, .storeRecoveryCodes,
    .takeRecoveryCode, .countRecoveryCodes, .nonce, .information,
  ]

  /// Some of those that the tables of Docs/protocol.md do not have.
  fileprivate var wrongParameters: [(UInt8, UInt8)] {
    switch self {
    case .put: [(2, 0), (0xFF, 0), (0, 1)]
    case .selectOrCalculateAll: [(4, 1), (4, 0x80), (0, 2), (0, 0x82), (1, 0), (0xFF, 0)]
    case .calculate: [(0, 2), (0, 0x82), (0, 0xFF), (1, 0), (1, 1)]
    case .calculateStaged: [(0, 0), (0, 1), (0, 0x80), (0, 0x82), (1, 0x81)]
    default: [(1, 0), (0, 1), (0xFF, 0xFF)]
    }
  }
}
