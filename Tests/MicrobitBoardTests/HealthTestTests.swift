import Testing

@testable import Hardware

@Suite("The health test of a random source")
struct HealthTestTests {
  @Test("passes 20 equal samples, and fails at the 21st")
  func repetition() {
    var test = HealthTest()
    test.observe(1)
    for _ in 0..<20 { test.observe(9) }
    #expect(!test.hasFailed)
    test.observe(9)
    #expect(test.hasFailed)
  }

  @Test("passes 310 of 512 samples that are the window's first, and fails at one more")
  func proportion() {
    for (matches, fails) in [(310, false), (311, true)] {
      var test = HealthTest()
      // Never 21 in a row: after every ten a different one, while there are any.
      var others = 512 - matches
      var left = matches
      while left > 0 || others > 0 {
        for _ in 0..<min(10, left) { test.observe(5) }
        left -= min(10, left)
        if others > 0 { test.observe(UInt8(6 + others % 3)) }
        others -= min(1, others)
        if left == 0 {
          while others > 0 {
            test.observe(UInt8(6 + others % 3))
            others -= 1
          }
        }
      }
      #expect(test.hasFailed == fails)
    }
  }

  @Test("passes a source without fault")
  func good() {
    var test = HealthTest()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<100_000 { test.observe(.random(in: 0...255, using: &random)) }
    #expect(!test.hasFailed)
  }
}
