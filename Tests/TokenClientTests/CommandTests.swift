import OATH
import Testing
import TokenCore

@testable import TokenClient

/// Shorthand for what the tests of commands have in common.
enum Sample {
  static func name(_ label: String, period: Int64 = 30) throws -> Credential.Name {
    try Credential.Name(label: label, period: Seconds(period))
  }

  static func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8).span) }

  static func credential(
    _ label: String, period: Int64 = 30, secret: String = "12345678901234567890",
    properties: CredentialProperties = []
  ) throws -> NewCredential {
    try NewCredential(
      name: name(label, period: period), secret: Self.secret(secret), properties: properties)
  }

  static func code(
    _ secret: String, _ factor: MovingFactor, _ algorithm: HashAlgorithm = .sha1,
    _ digits: Digits = .six
  ) -> Code {
    let key = OATHKey(algorithm: algorithm, secret: Array(secret.utf8).span)
    return HOTP.code(key: key, at: factor, digits: digits)
  }
}

@Suite("Credentials on a token", .timeLimit(.minutes(2)))
struct CredentialCommandTests {
  @Test("are listed with name, kind and properties")
  func listing() throws {
    let session = try TokenOnTheBench().session()
    #expect(try session.list().isEmpty)
    try session.put(Sample.credential("GitHub:ann", period: 60, properties: .touch))
    try session.put(
      NewCredential(
        name: Credential.Name(hotpLabel: "60/door"), algorithm: .sha512, digits: .eight,
        secret: Sample.secret("k")))
    let list = try session.list()
    #expect(list.map(\.name.label) == ["GitHub:ann", "60/door"])
    #expect(list.map(\.name.period) == [Seconds(60), nil])
    #expect(list.map(\.needsTouch) == [true, false])
    #expect(list.map(\.kind.algorithm) == [.sha1, .sha512])
    #expect(list.map(\.kind.type) == [.totp, .hotp])
  }

  @Test("are not replaced unless that is wanted")
  func createOnly() throws {
    let session = try TokenOnTheBench().session()
    let name = try Sample.name("a")
    _ = try session.syncClock()
    try session.put(Sample.credential("a", secret: "the old secret of a"))
    #expect(throws: TokenFailure.nameTaken(name)) {
      try session.put(Sample.credential("a", secret: "the new secret of a"))
    }
    let old = try session.calculate(name)
    let step = try #require(old.validity?.step)
    #expect(old.code == Sample.code("the old secret of a", MovingFactor(step)))
    try session.put(Sample.credential("a", secret: "the new secret of a"), createOnly: false)
    #expect(
      try session.calculate(name).code == Sample.code("the new secret of a", MovingFactor(step)))
  }

  @Test("can be removed, once")
  func deletion() throws {
    let session = try TokenOnTheBench().session()
    try session.put(Sample.credential("a"))
    try session.delete(Sample.name("a"))
    #expect(try session.list().isEmpty)
    #expect(throws: TokenFailure.noSuchCredential(try Sample.name("a"))) {
      try session.delete(Sample.name("a"))
    }
  }

  @Test("keep their period under a new name, and cannot take another's")
  func renaming() throws {
    let session = try TokenOnTheBench().session()
    try session.put(Sample.credential("a", period: 60))
    try session.put(Sample.credential("b", period: 60))
    #expect(throws: TokenFailure.nameTaken(try Sample.name("b", period: 60))) {
      try session.rename(Sample.name("a", period: 60), to: "b")
    }
    let name = try session.rename(Sample.name("a", period: 60), to: "Site:c")
    #expect(name.period == Seconds(60))
    #expect(try session.list().map(\.name.label) == ["Site:c", "b"])
    #expect(throws: TokenFailure.noSuchCredential(try Sample.name("a", period: 60))) {
      try session.rename(Sample.name("a", period: 60), to: "d")
    }
  }

  @Test("fit 64 times, and then the token says that it is full")
  func fullToken() throws {
    let session = try TokenOnTheBench().session()
    for index in 0..<64 { try session.put(Sample.credential("\(index)")) }
    #expect(throws: TokenFailure.tokenFull) { try session.put(Sample.credential("one more")) }
    #expect(try session.list().count == 64)
    #expect(try session.information().stored == 64)
  }
}

@Suite("Codes from a token", .timeLimit(.minutes(2)))
struct CodeCommandTests {
  @Test("are those of the secret for the step they name, whatever algorithm, digits and period")
  func codes() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(seed: seed)
    let session = try TokenOnTheBench().session()
    _ = try session.syncClock()
    for index in 0..<40 {
      let secret =
        String((0..<Int.random(in: 1...150, using: &random)).map { _ in "x" }) + "\(index)"
      let algorithm = HashAlgorithm.allCases.randomElement(using: &random)!
      let digits = try #require(Digits(rawValue: Int.random(in: 6...10, using: &random)))
      let period: Int64 = [10, 30, 60, 86_400].randomElement(using: &random)!
      let name = try Sample.name("\(index)", period: period)
      guard secret.count <= 64 || secret.count > algorithm.blockSize else { continue }
      try session.put(
        NewCredential(
          name: name, algorithm: algorithm, digits: digits, secret: Sample.secret(secret)))
      let issued = try session.calculate(name)
      let validity = try #require(issued.validity)
      #expect(
        issued.code == Sample.code(secret, MovingFactor(validity.step), algorithm, digits),
        "repeat with: \(seed)")
      #expect(issued.text.count == digits.rawValue, "repeat with: \(seed)")
      #expect(validity.period == Seconds(period))
      #expect(validity.from <= validity.issuedAt && validity.issuedAt < validity.until)
      #expect(validity.until - validity.from == Microseconds(period * 1_000_000))
      #expect(validity.remaining > .zero)
      #expect(
        TOTP(period: validity.period)?.step(at: Seconds(validity.issuedAt.seconds)) == validity.step
      )
    }
  }

  @Test("of HOTP follow the counter, which has no end of validity")
  func hotp() throws {
    let session = try TokenOnTheBench().session()
    let name = try Credential.Name(hotpLabel: "door")
    try session.put(
      NewCredential(name: name, secret: Sample.secret("12345678901234567890"), counter: 7))
    for counter: UInt64 in 7..<10 {
      let issued = try session.calculate(name)
      #expect(issued.code == Sample.code("12345678901234567890", MovingFactor(counter)))
      #expect(issued.validity == nil)
    }
  }

  @Test("are given for the token's own step or a neighbour of it, and no other")
  func steps() throws {
    let session = try TokenOnTheBench().session()
    _ = try session.syncClock()
    let name = try Sample.name("a")
    try session.put(Sample.credential("a"))
    let own = try #require(try session.calculate(name).validity?.step)
    for distance in -1...1 {
      let step = try #require(own.advanced(by: distance))
      let issued = try session.calculate(name, at: step)
      #expect(issued.code == Sample.code("12345678901234567890", MovingFactor(step)))
    }
    for distance in [-2, 2, 1_000_000] {
      let step = try #require(own.advanced(by: distance))
      #expect(throws: TokenFailure.stepRefused) { try session.calculate(name, at: step) }
    }
  }

  @Test("come all at once, but for those that want a touch or would move a counter")
  func all() throws {
    let session = try TokenOnTheBench().session()
    #expect(try session.calculateAll().isEmpty)
    _ = try session.syncClock()
    #expect(try session.calculateAll().isEmpty)
    try session.put(Sample.credential("a"))
    try session.put(Sample.credential("b", period: 60))
    try session.put(Sample.credential("c", properties: .touch))
    try session.put(
      NewCredential(name: Credential.Name(hotpLabel: "d"), secret: Sample.secret("k")))
    let all = try session.calculateAll()
    #expect(all.map(\.credential.name.label) == ["a", "b", "c", "d"])
    for (calculated, period) in zip(all, [Int64(30), 60]) {
      guard case .code(let issued) = calculated.outcome else {
        Issue.record("no code")
        continue
      }
      let validity = try #require(issued.validity)
      #expect(validity.period == Seconds(period))
      #expect(issued.code == Sample.code("12345678901234567890", MovingFactor(validity.step)))
    }
    guard case .touchNeeded = all[2].outcome, case .eventBased = all[3].outcome else {
      Issue.record("a code that should not be there")
      return
    }
  }

  @Test("that the clock is too uncertain for are told from those that want a touch")
  func uncertain() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a"))
    try session.put(Sample.credential("b", period: 3600))
    try session.put(Sample.credential("c", properties: .touch))
    token.pass(seconds: 30 * 86_400)
    let all = try session.calculateAll()
    guard case .clockUncertain = all[0].outcome, case .code = all[1].outcome,
      case .touchNeeded = all[2].outcome
    else {
      Issue.record("\(all.map(\.outcome))")
      return
    }
  }

  @Test("that want a touch come when the button is pressed")
  func touched() throws {
    let token = TokenOnTheBench()
    let session = try token.session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a", properties: .touch))
    var told: [Bool] = []
    session.framing.touchIsAwaited = {
      told.append($0)
      token.pressesButton = $0
    }
    let issued = try session.calculate(Sample.name("a"))
    let step = try #require(issued.validity?.step)
    #expect(issued.code == Sample.code("12345678901234567890", MovingFactor(step)))
    #expect(told == [true, false])
  }

  @Test("that want a touch are not given without one")
  func untouched() throws {
    let session = try TokenOnTheBench().session()
    _ = try session.syncClock()
    try session.put(Sample.credential("a", properties: .touch))
    #expect(throws: TokenFailure.notTouched) { try session.calculate(Sample.name("a")) }
    #expect(try session.list().count == 1)
  }

  @Test("that want a touch can be cancelled, and the token goes on answering")
  func cancelled() throws {
    var isCancelled = false
    let session = try TokenOnTheBench().session(isCancelled: { isCancelled })
    _ = try session.syncClock()
    try session.put(Sample.credential("a", properties: .touch))
    session.framing.touchIsAwaited = { isCancelled = $0 }
    #expect(throws: TokenFailure.cancelled) { try session.calculate(Sample.name("a")) }
    #expect(try session.list().count == 1)
  }
}
