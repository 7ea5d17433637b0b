import OATH
import TokenCore

/// A state of the token and of a channel, as the lock matrix of Docs/protocol.md has them for columns.
enum LockState: String, CaseIterable {
  case fresh, open
  case pin = "PIN"
  case verified
  case key
  case validated
  case bothVerified = "both, verified"
  case bothValidated = "both, validated"
  case blocked, lost, staged, wiping

  static let rightPIN = Array("31415926".utf8)
  static let wrongPIN = Array("27182818".utf8)
  static let code = "backup-code"
  static let epoch = Double(newYear)

  /// A token in this state, and its host's channel.
  func host() -> TestHost {
    var host = TestHost()
    if self == .fresh { return host }
    if hasKey { _ = AccessKeyTests.setKey(&host) }
    if hasKey { _ = AccessKeyTests.validate(&host) }
    _ = host.syncClock(to: Self.epoch)
    _ = host.put("a")
    _ = host.apdu(0x58, field(0x71, "a") + field(0xD8, Self.code))
    if hasPIN {
      let pin = field(0x80, Self.rightPIN)
      _ = host.press(0xB4, hasKey ? host.proved(0xB4, pin) : pin)
    }
    // A restart forgets what was proved on the way here.
    host.replug()
    switch self {
    case .verified, .bothVerified: host.verify()
    case .validated, .bothValidated: _ = AccessKeyTests.validate(&host)
    case .key: _ = host.apdu(0xA4, p1: 4, AccessKeyTests.application)
    case .blocked: for _ in 0..<8 { _ = host.press(0xB2, field(0x80, Self.wrongPIN)) }
    case .lost: host.replug { $0.tickEpoch = TickEpoch(rawValue: $0.tickEpoch.rawValue + 1) }
    case .staged: _ = host.put("a", key: Array("another secret".utf8), instruction: 0x54)
    case .wiping: host.cutReset()
    case .fresh, .open, .pin: break
    }
    return host
  }

  var hasKey: Bool {
    switch self {
    case .key, .validated, .bothVerified, .bothValidated: true
    default: false
    }
  }

  var hasPIN: Bool {
    switch self {
    case .pin, .verified, .bothVerified, .bothValidated, .blocked: true
    default: false
    }
  }
}

extension TestHost {
  /// Sends a command that waits for the button, and presses it.
  mutating func press(
    _ instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, _ data: [UInt8] = [],
    on channel: UInt32? = nil
  ) -> (status: UInt16, data: [UInt8]) {
    let early = Self.response(in: begin(instruction, p1: p1, p2: p2, data, on: channel))
    guard token.wantsTouch else { return early }
    token.poll()
    token.board.isPressed = true
    token.poll()
    token.board.isPressed = false
    return Self.response(in: messages())
  }

  /// RESET, with the button pressed.
  mutating func reset() -> UInt16 { press(0x04, p1: 0xDE, p2: 0xAD).status }

  @discardableResult
  mutating func verify(_ pin: [UInt8] = LockState.rightPIN, on channel: UInt32? = nil) -> UInt16 {
    press(0xB2, field(0x80, pin), on: channel).status
  }

  /// Tries of the PIN left; `nil` without one.
  mutating func pinTries() -> UInt8? { value(of: 0x82, in: apdu(0x5C).data)?.first }

  /// Cuts RESET at the first of its flash operations after which its outcome is certain.
  fileprivate mutating func cutReset() {
    let image = token.board
    for count in 0... {
      replug { $0 = image }
      token.board.flashBudget = count
      _ = reset()
      var board = token.board
      board.flashBudget = nil
      var probe = TestHost(board)
      if probe.names().isEmpty {
        token = Token(board: board)
        channel = allocateChannel()
        return
      }
    }
  }
}

/// A row of the lock matrix: a command, well formed, about the credential `a`, and right in what it
/// proves.
struct LockCommand {
  let instruction: UInt8
  var p1: UInt8 = 0
  var p2: UInt8 = 0
  var data: [UInt8] = []

  /// - Parameter name: as the matrix calls it.
  /// - Parameter host: of which some commands need a nonce.
  init?(_ name: String, for host: inout TestHost, in state: LockState) {
    let a = field(0x71, "a")
    let key = field(0x73, [0x21, 6] + rfcKey)
    let challenge: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
    // The time that the token has, if it has one.
    let ticks = host.token.board.now.elapsed(since: TestBoard().now)
    let passed = Double(ticks) / Double(host.token.board.tickRate.ticksPerSecond)
    let time = bigEndian(newYear * 1_000_000 + Int64(passed * 1e6))
    let bound = bigEndian(Int64(1000))
    switch name {
    case "SELECT": self.init(instruction: 0xA4, p1: 4, data: AccessKeyTests.application)
    case "PUT": self.init(instruction: 0x01, data: field(0x71, "b") + key)
    case "DELETE": self.init(instruction: 0x02, data: a)
    case "SET CODE":
      let new = AccessKeyTests.newKey(rfcKey)
      if state.hasKey {
        self.init(instruction: 0x03, data: host.proved(0x03, new))
      } else if state.hasPIN {
        self.init(instruction: 0x03, data: new + field(0x80, LockState.rightPIN))
      } else {
        self.init(instruction: 0x03, data: new)
      }
    case "RESET": self.init(instruction: 0x04, p1: 0xDE, p2: 0xAD)
    case "RENAME": self.init(instruction: 0x05, data: a + field(0x71, "c"))
    case "LIST": self.init(instruction: 0xA1)
    case "CALCULATE": self.init(instruction: 0xA2, p2: 0x81, data: a + field(0x74, []))
    case "CALCULATE ALL": self.init(instruction: 0xA4, p2: 1, data: field(0x74, []))
    case "VALIDATE":
      // A SELECT of its own would end what the state's channel has proved: take another one.
      host.channel = host.allocateChannel()
      let answer = host.apdu(0xA4, p1: 4, AccessKeyTests.application)
      let nonce = value(of: 0x74, in: answer.data) ?? challenge
      self.init(
        instruction: 0xA3,
        data: field(0x75, AccessKeyTests.hmac(nonce)) + field(0x74, challenge))
    case "SEND REMAINING": self.init(instruction: 0xA5)
    case "VERIFY PIN": self.init(instruction: 0xB2, data: field(0x80, LockState.rightPIN))
    case "CHANGE PIN":
      self.init(
        instruction: 0xB3, data: field(0x80, LockState.rightPIN) + field(0x81, "new PIN to come"))
    case "SET PIN":
      let pin = field(0x80, LockState.rightPIN)
      self.init(instruction: 0xB4, data: state.hasKey ? host.proved(0xB4, pin) : pin)
    case "NONCE": self.init(instruction: 0x5B)
    case "CLOCK STATUS": self.init(instruction: 0x50)
    case "CLOCK SYNC": self.init(instruction: 0x51, data: field(0xD0, time) + field(0xD1, bound))
    case "CLOCK SET":
      self.init(
        instruction: 0x52, data: host.proved(0x52, field(0xD0, time) + field(0xD1, bound)))
    case "CLOCK POLICY": self.init(instruction: 0x53, data: field(0xDF, [1]))
    case "STAGE": self.init(instruction: 0x54, data: a + key)
    case "COMMIT": self.init(instruction: 0x55, data: a)
    case "ROLL BACK": self.init(instruction: 0x56)
    case "CALCULATE STAGED": self.init(instruction: 0x57, p2: 0x81, data: a + field(0x74, []))
    case "STORE RECOVERY CODES": self.init(instruction: 0x58, data: a + field(0xD8, "other"))
    case "TAKE RECOVERY CODE": self.init(instruction: 0x59, data: a)
    case "COUNT RECOVERY CODES": self.init(instruction: 0x5A, data: a)
    case "INFORMATION": self.init(instruction: 0x5C)
    default: return nil
    }
  }

  init(instruction: UInt8, p1: UInt8 = 0, p2: UInt8 = 0, data: [UInt8] = []) {
    self.instruction = instruction
    self.p1 = p1
    self.p2 = p2
    self.data = data
  }

  /// Sends it, pressing the button where it is waited for.
  ///
  /// - Returns: the status word as the matrix writes it.
  func cell(on host: inout TestHost) -> String {
    var status = TestHost.response(in: host.begin(instruction, p1: p1, p2: p2, data)).status
    let isWaiting = host.token.wantsTouch
    if isWaiting {
      host.token.poll()
      host.token.board.isPressed = true
      host.token.poll()
      host.token.board.isPressed = false
      status = TestHost.response(in: host.messages()).status
    }
    return String(status, radix: 16, uppercase: true) + (isWaiting ? "*" : "")
  }
}
