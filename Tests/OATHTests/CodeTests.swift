import OATH
import Testing

@Suite("Codes, digits, steps and time")
struct CodeTests {
  @Test("a code has 6 to 10 digits and no other number of them")
  func range() {
    #expect((-1...20).compactMap { Digits(rawValue: $0)?.rawValue } == [6, 7, 8, 9, 10])
    #expect(Digits.six.rawValue == 6)
    #expect(Digits.eight.rawValue == 8)
    #expect(Digits.six < .eight)
  }

  @Test("the code is the last decimal digits of the truncation, leading zeros kept")
  func digits() throws {
    for seed in Seed.fresh(300) {
      var random = seed.generator
      let key = OATHKey(algorithm: .sha1, secret: random.bytes(20).span)
      let truncation = HOTP.truncation(key: key, at: MovingFactor(random.next()))
      let decimal = "0000000000" + String(truncation.value)
      for count in 6...10 {
        let digits = try #require(Digits(rawValue: count))
        let code = truncation.code(digits)
        #expect(code.description == String(decimal.suffix(count)), "\(seed)")
        #expect(code.value == UInt32(decimal.suffix(count)), "\(seed)")
        let text = written(10) { code.writeDigits(into: &$0) }
        #expect(text == Array(code.description.utf8), "\(seed)")
      }
    }
  }

  @Test("codes are equal only with the same digits and the same number of them")
  func equality() throws {
    let key = OATHKey(algorithm: .sha256, secret: [1, 2, 3].span)
    let first = HOTP.truncation(key: key, at: MovingFactor(0))
    let second = HOTP.truncation(key: key, at: MovingFactor(1))
    #expect(first.code(.six) == first.code(.six))
    #expect(first.code(.six) != first.code(.eight))
    #expect(first.code(.six) != second.code(.six))
  }

  @Test("a step begins at its first second, is over with its last, and none is before T0")
  func steps() throws {
    for seed in Seed.fresh(300) {
      var random = seed.generator
      let period = Int64.random(in: 1...90, using: &random)
      let epoch = Int64.random(in: -1_000_000...2_000_000_000, using: &random)
      let number = UInt64.random(in: 0...1 << 40, using: &random)
      let totp = try #require(TOTP(period: Seconds(period), epoch: Seconds(epoch)))
      let start = totp.start(of: Step(number))
      #expect(start == Seconds(epoch + Int64(number) * period), "\(seed)")
      #expect(totp.step(at: start) == Step(number), "\(seed)")
      #expect(totp.step(at: Seconds(start.rawValue + period - 1)) == Step(number), "\(seed)")
      #expect(totp.step(at: Seconds(start.rawValue + period)) == Step(number + 1), "\(seed)")
      #expect(totp.step(at: Seconds(epoch - 1)) == nil, "\(seed)")
    }
  }

  @Test("times at the ends of their range neither trap nor wrap")
  func extremes() throws {
    #expect(TOTP(period: Seconds(0)) == nil)
    #expect(TOTP(period: Seconds(-30)) == nil)
    let widest = try #require(TOTP(period: Seconds(1), epoch: Seconds(.min)))
    #expect(widest.step(at: Seconds(.min)) == Step(0))
    #expect(widest.step(at: Seconds(.max)) == Step(.max))
    #expect(widest.start(of: Step(.max)) == Seconds(.max))
    let latest = try #require(TOTP(period: Seconds(.max), epoch: Seconds(.max)))
    #expect(latest.step(at: Seconds(.max)) == Step(0))
    #expect(latest.step(at: Seconds(.max - 1)) == nil)
    #expect(latest.start(of: Step(1)) == Seconds(.max))
    #expect(latest.start(of: Step(.max)) == Seconds(.max))
  }

  @Test("a step moves both ways and stops at the first and the last one")
  func advance() {
    #expect(Step(5).advanced(by: 3) == Step(8))
    #expect(Step(5).advanced(by: -5) == Step(0))
    #expect(Step(5).advanced(by: -6) == nil)
    #expect(Step(.max).advanced(by: 0) == Step(.max))
    #expect(Step(.max).advanced(by: 1) == nil)
    #expect(Step(0).advanced(by: .min) == nil)
    #expect(Step(.max).advanced(by: .min) == Step(.max - UInt64(1) << 63))
  }
}
