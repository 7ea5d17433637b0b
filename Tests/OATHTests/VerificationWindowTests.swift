import OATH
import Testing

@Suite("The verification window")
struct VerificationWindowTests {
  @Test("the window says which step a code belongs to, and takes none from outside")
  func finds() throws {
    for seed in Seed.fresh(60) {
      var random = seed.generator
      let key = OATHKey(
        algorithm: HashAlgorithm.allCases.randomElement(using: &random)!,
        secret: random.bytes(20).span)
      let digits = try #require(Digits(rawValue: .random(in: 6...10, using: &random)))
      let behind = Int.random(in: 0...4, using: &random)
      let ahead = Int.random(in: 0...4, using: &random)
      let window = VerificationWindow(behind: behind, ahead: ahead)
      let centre = UInt64.random(in: 10...UInt64.max - 10, using: &random)
      let codes = (-6...6).map { code(key, centre &+ UInt64(bitPattern: Int64($0)), digits) }
      for distance in -6...6 {
        let submitted = codes[distance + 6]
        let found = window.match(submitted.span, key: key, digits: digits, around: Step(centre))
        // Of the steps with this code (nearly always one) the nearest, and the later of two.
        let expected = (-behind...ahead).filter { codes[$0 + 6] == submitted }
          .min { (abs($0), -$0) < (abs($1), -$1) }
        #expect(found == expected.flatMap { Step(centre).advanced(by: $0) }, "\(seed)")
      }
    }
  }

  @Test("steps before the first and after the last do not exist")
  func ends() {
    let key = OATHKey(algorithm: .sha1, secret: Array("12345678901234567890".utf8).span)
    let window = VerificationWindow(behind: 3, ahead: 3)
    for centre in [0, 1, 2, .max - 2, .max - 1, .max] as [UInt64] {
      for distance in -5...5 {
        let step = centre &+ UInt64(bitPattern: Int64(distance))
        let exists = Step(centre).advanced(by: distance) != nil
        let found = window.match(
          code(key, step, .eight).span, key: key, digits: .eight, around: Step(centre))
        #expect(found == (exists && abs(distance) <= 3 ? Step(step) : nil))
      }
    }
  }

  @Test("what is not exactly so many ASCII digits does not match")
  func malformed() {
    let key = OATHKey(algorithm: .sha1, secret: Array("12345678901234567890".utf8).span)
    let window = VerificationWindow(behind: 1, ahead: 1)
    func match(_ text: String, _ digits: Digits = .six) -> Step? {
      window.match(Array(text.utf8).span, key: key, digits: digits, around: Step(0))
    }
    #expect(match("755224") == Step(0))
    #expect(match("287082") == Step(1))
    for text in ["", "7", "75522", "7552244", "0755224", " 755224", "755224 ", "75522４", "75522a"] {
      #expect(match(text) == nil, "\(text)")
    }
    #expect(match("755224", .eight) == nil)
    #expect(match("84755224", .eight) == Step(0))
  }

  private func code(_ key: borrowing OATHKey, _ step: UInt64, _ digits: Digits) -> [UInt8] {
    Array(HOTP.code(key: key, at: MovingFactor(step), digits: digits).description.utf8)
  }
}
