import Glibc
import Testing
import TokenCore

/// After every command in every state, no secret lies in the token's RAM but a staged one, and none in the
/// flash that is not stored. (The stack is searched where there is one of known extent: in the emulated
/// Pico.)
@Suite("Planted secrets")
struct WipingTests {
  private static let staged = Array("another secret".utf8)
  private static let code = Array(LockState.code.utf8)
  private static let pins = [LockState.rightPIN, LockState.wrongPIN, Array("new PIN to come".utf8)]
  private static let all = pins + [rfcKey, staged, code, AccessKeyTests.key]

  /// What each command ends, when it is done; RESET ends all.
  private static let ended: [String: [[UInt8]]] = [
    "DELETE": [rfcKey, code], "COMMIT": [rfcKey, code], "TAKE RECOVERY CODE": [code],
    "STORE RECOVERY CODES": [code], "SET CODE": [AccessKeyTests.key], "RESET": all,
  ]

  /// Whether any eight bytes in a row of `secret` lie in `memory`.
  private static func lies(_ secret: [UInt8], in memory: UnsafeRawBufferPointer) -> Bool {
    let length = min(secret.count, 8)
    return (0...secret.count - length).contains { start in
      secret[start..<start + length].withUnsafeBytes { lies($0, in: memory) }
    }
  }

  private static func lies(
    _ part: UnsafeRawBufferPointer, in memory: UnsafeRawBufferPointer
  ) -> Bool {
    guard let first = part.first, let base = memory.baseAddress else { return false }
    var offset = 0
    while offset + part.count <= memory.count,
      let place = memchr(base + offset, Int32(first), memory.count - part.count + 1 - offset)
    {
      if memcmp(place, part.baseAddress!, part.count) == 0 { return true }
      offset = base.distance(to: UnsafeRawPointer(place)) + 1
    }
    return false
  }

  private static func found(in host: inout TestHost) -> [[UInt8]] {
    withUnsafeBytes(of: &host.token) { memory in all.filter { lies($0, in: memory) } }
  }

  private func check(
    _ host: inout TestHost, after event: String, ended: [[UInt8]] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var inRAM = Self.found(in: &host)
    let inFlash = host.token.board.memory.withUnsafeBytes { memory in
      (Self.pins + ended).filter { Self.lies($0, in: memory) }
    }
    // One of the two keys may be staged.
    if value(of: 0xDE, in: host.apdu(0x5C).data) != nil {
      inRAM.removeAll { $0 == Self.staged || $0 == rfcKey }
    }
    let isClean = inRAM.isEmpty && inFlash.isEmpty
    #expect(
      isClean,
      """
      \(event): RAM has \(inRAM.map { String(decoding: $0, as: UTF8.self) }), flash \
      \(inFlash.map { String(decoding: $0, as: UTF8.self) })
      """, sourceLocation: sourceLocation)
  }

  @Test("are found while they have to be there: a search that finds nothing proves nothing")
  func search() {
    var host = LockState.staged.host()
    let whileStaged = Self.found(in: &host)
    #expect(whileStaged == [Self.staged])
    host = LockState.pin.host()
    _ = host.begin(0xB2, field(0x80, LockState.rightPIN))
    let whileWaiting = Self.found(in: &host)
    #expect(whileWaiting == [LockState.rightPIN])
  }

  @Test("are gone after every command", arguments: LockState.allCases)
  func commands(in state: LockState) throws {
    for row in try LockMatrix().rows {
      var host = state.host()
      let command = try #require(LockCommand(row[0], for: &host, in: state))
      let cell = command.cell(on: &host)
      let ended = cell.hasPrefix("9000") ? Self.ended[row[0]] ?? [] : []
      check(&host, after: "\(row[0]) when \(state.rawValue)", ended: ended)
    }
  }

  @Test("are gone after CANCEL, a time-out and INIT", arguments: LockState.allCases)
  func interrupted(in state: LockState) throws {
    for row in try LockMatrix().rows where row.contains(where: { $0.hasSuffix("*") }) {
      for ending in ["CANCEL", "a time-out", "INIT"] {
        var host = state.host()
        let command = try #require(LockCommand(row[0], for: &host, in: state))
        _ = host.begin(command.instruction, p1: command.p1, p2: command.p2, command.data)
        switch ending {
        case "CANCEL": _ = host.transact(0x11, [])
        case "INIT": _ = host.transact(0x06, [UInt8](repeating: 3, count: 8))
        default:
          host.token.board.pass(seconds: 16)
          host.token.poll()
          _ = host.messages()
        }
        check(&host, after: "\(ending) in \(row[0]) when \(state.rawValue)")
      }
    }
  }

  @Test(
    "of a message that never ends, or an answer that nobody fetches, are gone when it times out")
  func timeOuts() {
    var host = LockState.open.host()
    let key = [UInt8](repeating: 0x21, count: 1) + rfcKey + Self.staged
    let packets = TestHost.packets(host.channel, 0x70, [0, 1, 0, 0, 120] + key + key + key)
    host.send(packets[0])
    host.token.board.pass(seconds: 0.6)
    host.token.poll()
    _ = host.messages()
    check(&host, after: "half a message")

    for packet in TestHost.packets(host.channel, 0x70, [0, 0x59, 0, 0, 3, 0x71, 1, 0x61]) {
      host.send(packet)
    }
    host.token.board.pass(seconds: 0.6)
    host.token.poll()
    check(&host, after: "an answer that nobody fetched", ended: [Self.code])
  }

  @Test("of a malformed command, or one for another class, are gone when it is refused")
  func refused() {
    let commands: [[UInt8]] = [
      [0x80, 1, 0, 0, UInt8(rfcKey.count)] + rfcKey, [0, 0xEE, 0, 0, UInt8(rfcKey.count)] + rfcKey,
      [0, 1, 9, 9, UInt8(rfcKey.count)] + rfcKey, [0, 1, 0, 0, 200] + rfcKey,
      [0, 1, 0, 0, UInt8(rfcKey.count)] + rfcKey,
    ]
    for command in commands {
      var host = LockState.open.host()
      _ = host.transact(0x70, command)
      check(&host, after: "a refused command")
      _ = host.transact(0x01, rfcKey)
      check(&host, after: "PING")
      _ = host.transact(0x01, rfcKey)
      _ = host.transact(0x04, [2])
      check(&host, after: "LOCK")
    }
  }
}
