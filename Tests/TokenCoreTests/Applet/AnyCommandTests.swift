import Testing
import TokenCore

@Suite("Any command")
struct AnyCommandTests {
  /// Commands that do something, to be mutated.
  static let seeds: [[UInt8]] = {
    let step = bigEndian(UInt64(newYear / 30))
    let name = field(0x71, "a")
    let key = field(0x73, [0x21, 6] + rfcKey)
    let commands: [(UInt8, UInt8, UInt8, [UInt8])] = [
      (0xA4, 4, 0, AccessKeyTests.application),
      (0x01, 0, 0, name + key), (0x01, 1, 0, field(0x71, "b") + key + [0x78, 2]),
      (
        0x01, 0, 0, field(0x71, "h") + field(0x73, [0x12, 8] + rfcKey) + field(0x7A, [0, 0, 0, 9])
      ),
      (0x02, 0, 0, name), (0x05, 0, 0, name + field(0x71, "c")), (0xA1, 0, 0, []),
      (0xA1, 0, 0, [1]),
      (0xA2, 0, 1, name + field(0x74, step)), (0xA2, 0, 0, field(0x71, "h") + field(0x74, [])),
      (0xA4, 0, 1, field(0x74, [])), (0xA5, 0, 0, []), (0x50, 0, 0, []),
      (
        0x51, 0, 0,
        field(0xD0, bigEndian(newYear * 1_000_000)) + field(0xD1, bigEndian(Int64(1000)))
      ),
      (0x54, 0, 0, name + key), (0x55, 0, 0, name), (0x56, 0, 0, []),
      (0x57, 0, 0x81, name + field(0x74, [])),
      (0x58, 0, 0, name + field(0xD8, "one") + field(0xD8, "two")), (0x59, 0, 0, name),
      (0x5A, 0, 0, name), (0x5C, 0, 0, []), (0xB4, 0, 0, field(0x80, "1234")),
      (0xB2, 0, 0, field(0x80, "1234")), (0xB3, 0, 0, field(0x80, "1234") + field(0x81, [])),
      (0x03, 0, 0, field(0x73, [])),
    ]
    return commands.map { instruction, p1, p2, data in
      [0, instruction, p1, p2] + (data.isEmpty ? [] : [UInt8(data.count)] + data)
    }
  }()

  static func mutate(_ command: [UInt8], with random: inout SplitMix) -> [UInt8] {
    var command = command
    for _ in 0..<Int(random.next() % 4) {
      let index = Int(random.next() % UInt64(max(command.count, 1)))
      switch random.next() % 5 {
      case 0 where !command.isEmpty: command[index] = UInt8(truncatingIfNeeded: random.next())
      case 1 where !command.isEmpty: command[index] ^= 1 << UInt8(random.next() % 8)
      case 2 where !command.isEmpty: command.remove(at: index)
      case 3: command.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
      default: command = Array(command.prefix(index))
      }
    }
    return command
  }

  @Test("a million random and mutated commands leave the token answering", arguments: 1...10)
  func mutatedCommands(seed: UInt64) {
    var random = SplitMix(seed: seed)
    var host = TestHost(TestBoard(seed: seed, sectorCount: 16, sectorSize: 4096))
    for round in 0..<100_000 {
      let command =
        random.next().isMultiple(of: 16)
        ? (0..<random.next() % 40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        : Self.mutate(Self.seeds[Int(random.next() % UInt64(Self.seeds.count))], with: &random)
      let answers = host.transact(0x70, command)
      if answers.isEmpty {
        // It waits for the button.
        host.token.board.isPressed = random.next().isMultiple(of: 2)
        host.token.board.pass(seconds: 16)
        host.token.poll()
        host.token.board.isPressed = false
        let late = TestHost.response(in: host.messages()).status
        #expect(late != 0, "repeat with: seed \(seed), command \(round)")
      } else if TestHost.response(in: answers).status == 0 {
        Issue.record("no status word: repeat with: seed \(seed), command \(round)")
      }
      if random.next().isMultiple(of: 4096) { host.replug() }
    }
    // Still a token: reset, provision, compute.
    #expect(host.reset() == 0x9000)
    #expect(host.syncClock(to: 1_111_111_109) == 0x9000)
    #expect(host.put("a", digits: 8) == 0x9000)
    #expect(host.calculate("a").code == "07081804", "repeat with: seed \(seed)")
  }
}
