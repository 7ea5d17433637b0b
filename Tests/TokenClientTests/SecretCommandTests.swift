import OATH
import Testing
import TokenCore

@testable import TokenClient

@Suite("A staged update", .timeLimit(.minutes(2)))
struct StagingCommandTests {
  @Test("shows the new secret's code, and takes the old one's place when it is committed")
  func commit() throws {
    let session = try prepared()
    let name = try Sample.name("a")
    try session.stage(Sample.credential("a", secret: "the new secret of a"))
    let staged = try session.calculateStaged(name)
    let step = try #require(staged.validity?.step)
    #expect(staged.code == Sample.code("the new secret of a", MovingFactor(step)))
    #expect(
      try session.calculate(name).code == Sample.code("the old secret of a", MovingFactor(step)))
    #expect(try session.information().staging == .update(of: name))
    try session.commit(name)
    #expect(
      try session.calculate(name).code == Sample.code("the new secret of a", MovingFactor(step)))
    #expect(try session.information().staging == .none)
  }

  @Test("leaves the old secret intact when it is rolled back, or the cable is pulled")
  func rollBack() throws {
    let token = TokenOnTheBench()
    let session = try prepared(token)
    let name = try Sample.name("a")
    try session.stage(Sample.credential("a", secret: "the new secret of a"))
    try session.rollBack()
    #expect(throws: TokenFailure.nothingStaged) { try session.commit(name) }
    try session.rollBack()

    try session.stage(Sample.credential("a", secret: "the new secret of a"))
    token.restart()
    #expect(throws: TokenFailure.nothingStaged) { try session.commit(name) }
    let issued = try session.calculate(name)
    let step = try #require(issued.validity?.step)
    #expect(issued.code == Sample.code("the old secret of a", MovingFactor(step)))
  }

  @Test("is of a credential that exists")
  func unknownName() throws {
    let session = try prepared()
    #expect(throws: TokenFailure.noSuchCredential(try Sample.name("b"))) {
      try session.stage(Sample.credential("b"))
    }
    #expect(throws: TokenFailure.nothingStaged) { try session.calculateStaged(Sample.name("a")) }
  }

  private func prepared(_ token: TokenOnTheBench = TokenOnTheBench()) throws -> TokenSession {
    let session = try token.session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a", secret: "the old secret of a"))
    return session
  }
}

@Suite("Recovery codes on a token", .timeLimit(.minutes(2)))
struct RecoveryCodeCommandTests {
  @Test("are handed out in their order, once each, with how many are left")
  func handingOut() throws {
    let session = try TokenOnTheBench().session()
    let name = try Sample.name("a")
    try session.put(Sample.credential("a"))
    #expect(try session.countRecoveryCodes(for: name) == RecoveryCount(left: 0, stored: 0))
    let codes = (1...16).map {
      "code-\($0)-" + String(repeating: "x", count: 24 - 7 - ($0 > 9 ? 1 : 0))
    }
    try session.storeRecoveryCodes(codes.map(Sample.secret), for: name)
    for (index, code) in codes.enumerated() {
      #expect(
        try session.countRecoveryCodes(for: name) == RecoveryCount(left: 16 - index, stored: 16))
      let taken = try session.takeRecoveryCode(for: name)
      #expect(taken.code.text == code)
      #expect(taken.count == RecoveryCount(left: 15 - index, stored: 16))
    }
    #expect(throws: TokenFailure.noRecoveryCodeLeft(name)) {
      try session.takeRecoveryCode(for: name)
    }
  }

  @Test("are replaced as a set, and wiped by an empty one")
  func replacing() throws {
    let session = try TokenOnTheBench().session()
    let name = try Sample.name("a")
    try session.put(Sample.credential("a"))
    try session.storeRecoveryCodes([Sample.secret("one"), Sample.secret("two")], for: name)
    try session.storeRecoveryCodes([Sample.secret("three")], for: name)
    #expect(try session.countRecoveryCodes(for: name) == RecoveryCount(left: 1, stored: 1))
    try session.storeRecoveryCodes([], for: name)
    #expect(try session.countRecoveryCodes(for: name).left == 0)
  }

  @Test("that do not fit are refused before anything is sent, and the old ones stay")
  func unfit() throws {
    let session = try TokenOnTheBench().session()
    let name = try Sample.name("a")
    try session.put(Sample.credential("a"))
    try session.storeRecoveryCodes([Sample.secret("one")], for: name)
    #expect(throws: TokenFailure.input(.tooManyRecoveryCodes(17))) {
      try session.storeRecoveryCodes((0..<17).map { Sample.secret("\($0)") }, for: name)
    }
    for unfit in ["", String(repeating: "x", count: 25), "é", "a\nb"] {
      #expect(throws: TokenFailure.input(.recoveryCodeUnfit(position: 2))) {
        try session.storeRecoveryCodes([Sample.secret("ok"), Sample.secret(unfit)], for: name)
      }
    }
    #expect(try session.takeRecoveryCode(for: name).code.text == "one")
  }

  @Test("belong to a credential that exists")
  func unknownName() throws {
    let session = try TokenOnTheBench().session()
    let failure = TokenFailure.noSuchCredential(try Sample.name("a"))
    #expect(throws: failure) { try session.takeRecoveryCode(for: Sample.name("a")) }
    #expect(throws: failure) { try session.countRecoveryCodes(for: Sample.name("a")) }
    #expect(throws: failure) {
      try session.storeRecoveryCodes([Sample.secret("x")], for: Sample.name("a"))
    }
  }
}

@Suite("An access key on a token", .timeLimit(.minutes(2)))
struct AccessCommandTests {
  @Test("keeps the credentials from those who do not know it, and opens to those who do")
  func locking() throws {
    let token = TokenOnTheBench()
    let owner = try token.session()
    try owner.put(Sample.credential("a"))
    try owner.setAccessKey(owner.accessKey(password: Sample.secret("horse")))
    #expect(!owner.isLocked)
    #expect(try owner.list().count == 1)

    let other = try token.session()
    #expect(other.isLocked)
    #expect(try other.information().isAccessKeySet)
    #expect(throws: TokenFailure.locked) { try other.list() }
    #expect(throws: TokenFailure.wrongAccessKey) {
      try other.validate(other.accessKey(password: Sample.secret("donkey")))
    }
    #expect(other.isLocked)
    try other.validate(other.accessKey(password: Sample.secret("horse")))
    #expect(!other.isLocked)
    #expect(try other.list().count == 1)
    #expect(try owner.list().count == 1)
  }

  @Test("can be cleared by those who know it")
  func clearing() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    try session.setAccessKey(session.accessKey(password: Sample.secret("horse")))
    try session.clearAccessKey()
    #expect(!session.isLocked)
    let other = try token.session()
    #expect(!other.isLocked)
    #expect(try other.list().isEmpty)
  }

  @Test("hides which credential an update is staged of")
  func hiddenStaging() throws {
    let token = TokenOnTheBench()
    let owner = try token.session()
    try owner.put(Sample.credential("a"))
    try owner.setAccessKey(owner.accessKey(password: Sample.secret("horse")))
    try owner.stage(Sample.credential("a", secret: "new"))
    #expect(try owner.information().staging == .update(of: Sample.name("a")))
    #expect(try token.session().information().staging == .hidden)
  }

  @Test("is not proved by a token that does not know it")
  func impostor() throws {
    let token = ScriptedToken { _, payload in
      switch Instruction(rawValue: payload[1]) {
      case .validate: [0x90, 0x00, 0x75, 20] + [UInt8](repeating: 0, count: 20)
      default:
        ScriptedToken.selection + [0x74, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x7B, 1, 1]
      }
    }
    let session = try TokenSession(over: token, patience: .ample)
    #expect(throws: TokenFailure.impostor) {
      try session.validate(session.accessKey(password: Sample.secret("horse")))
    }
    #expect(session.isLocked)
  }
}

@Suite("A token as such", .timeLimit(.minutes(2)))
struct TokenCommandTests {
  @Test("says what it is and what it holds")
  func information() throws {
    let session = try TokenOnTheBench().session()
    try session.put(Sample.credential("a"))
    let information = try session.information()
    #expect(information.version.description == "5.4.3")
    #expect(information.serialNumber.text == "00c0ffee00000001")
    #expect(information.body == .simulated)
    #expect(information.stored == 1)
    #expect(information.capacity == 64)
    #expect(!information.isAccessKeySet)
    #expect(information.staging == .none)
  }

  @Test("is empty and has another identifier after a reset")
  func reset() throws {
    let token = TokenOnTheBench()
    token.pressesButton = true
    let session = try token.session()
    try session.put(Sample.credential("a"))
    try session.setAccessKey(session.accessKey(password: Sample.secret("horse")))
    let identifier = session.selection?.identifier
    try session.reset()
    #expect(try session.list().isEmpty)
    #expect(!session.isLocked)
    #expect(session.selection?.identifier != identifier)
  }

  @Test("blinks on request, and echoes messages up to the largest")
  func winkAndPing() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    #expect(!token.seesWink)
    try session.wink()
    #expect(token.seesWink)
    for length in [0, 57, 58, 7609] { try session.ping([UInt8](repeating: 3, count: length)) }
    #expect(throws: TokenFailure.input(.pingTooLong(bytes: 7610))) {
      try session.ping([UInt8](repeating: 3, count: 7610))
    }
  }

  @Test("is busy for others while one keeps it to itself, and waits for no longer than that")
  func locking() throws {
    let token = TokenOnTheBench()
    let one = try token.session()
    let other = try token.session()
    try one.lock(seconds: 10)
    other.framing.isCancelled = { true }
    #expect(throws: TokenFailure.cancelled) { try other.list() }
    #expect(try one.list().isEmpty)
    other.framing.isCancelled = nil
    // The lock ends by itself after ten of the token's seconds, which pass while the other waits.
    #expect(try other.list().isEmpty)
    #expect(throws: TokenFailure.input(.lockTooLong(seconds: 11))) { try one.lock(seconds: 11) }
  }

  @Test("serves two hosts in turn without mixing them up")
  func twoHosts() throws {
    let token = TokenOnTheBench()
    let one = try token.session()
    let other = try token.session()
    for index in 0..<5 {
      try one.put(Sample.credential("one \(index)"))
      try other.put(Sample.credential("other \(index)"))
    }
    #expect(try one.list() == other.list())
    #expect(try one.list().count == 10)
  }

  @Test("with foreign flash still describes itself, says that it is unusable, and RESET mends it")
  func foreignFlash() throws {
    var board = MemoryBoard()
    for index in board.memory.indices { board.memory[index] = UInt8(index & 0x7F) }
    let token = TokenOnTheBench(board)
    token.pressesButton = true
    let session = try token.session()
    #expect(session.selection == nil)
    #expect(try session.information().body == .simulated)
    #expect(throws: TokenFailure.memoryFailed) { try session.list() }
    try session.reset()
    #expect(try session.list().isEmpty)
  }
}
