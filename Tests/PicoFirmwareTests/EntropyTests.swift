import Testing

@testable import PicoBoard

@Suite struct EntropyTests {
  private func source(_ chip: inout ChipModel) -> Bool {
    ResetController.release(.timer, &chip)
    var source = EntropySource()
    return source.start(&chip)
  }

  @Test("a stuck oscillator does not pass", arguments: [true, false])
  func stuck(level: Bool) {
    var chip = ChipModel()
    chip.randomBits = { level }
    #expect(!source(&chip))
  }

  // Other periods give a cycle of many different samples, which these tests do not see.
  @Test("an oscillator in step with the processor does not pass", arguments: [1, 2, 4, 8])
  func inStep(period: Int) {
    var chip = ChipModel()
    var count = 0
    chip.randomBits = {
      count += 1
      return count / period % 2 == 0
    }
    #expect(!source(&chip))
  }

  @Test("good noise passes", arguments: 1...20 as ClosedRange<UInt64>)
  func good(seed: UInt64) {
    var chip = ChipModel(seed: seed)
    #expect(source(&chip), "repeat with: seed \(seed)")
  }

  @Test("two bits are at least two microseconds apart")
  func spacing() {
    var chip = ChipModel()
    ResetController.release(.timer, &chip)
    var moments: [UInt64] = []
    chip.randomBits = { [unowned chip] in
      moments.append(chip.microseconds)
      return true
    }
    _ = RingOscillator.sample(&chip)
    #expect(moments.count == 8)
    for (earlier, later) in zip(moments, moments.dropFirst()) { #expect(later - earlier >= 2) }
  }

  @Test("a source that fails later gives zeros, and says so from then on")
  func failsLater() {
    var chip = ChipModel()
    ResetController.release(.timer, &chip)
    var source = EntropySource()
    let isGood = source.start(&chip)
    #expect(isGood)
    let first = fill(&source, &chip, count: 40)
    #expect(first.isGood)
    let noise = chip.randomBits
    chip.randomBits = { true }
    let failed = fill(&source, &chip, count: 40)
    #expect(!failed.isGood && failed.bytes.allSatisfy { $0 == 0 })
    chip.randomBits = noise
    let later = fill(&source, &chip, count: 40)
    #expect(!later.isGood)
  }

  private func fill(
    _ source: inout EntropySource, _ chip: inout ChipModel, count: Int
  ) -> (isGood: Bool, bytes: [UInt8]) {
    var bytes = [UInt8](repeating: 0xA5, count: count)
    var span = bytes.mutableSpan
    let isGood = source.fill(&span, &chip)
    return (isGood, bytes)
  }

  @Test("every byte that is asked for is drawn, and none is drawn twice")
  func fills() {
    var chip = ChipModel()
    ResetController.release(.timer, &chip)
    var source = EntropySource()
    let isGood = source.start(&chip)
    #expect(isGood)
    var blocks: Set<[UInt8]> = []
    for count in 25...70 {
      let drawn = fill(&source, &chip, count: count)
      #expect(drawn.isGood)
      #expect(blocks.insert(Array(drawn.bytes.prefix(16))).inserted)
      #expect(blocks.insert(Array(drawn.bytes.suffix(8))).inserted)
    }
  }

  @Test("one bit of noise changes what is drawn, and so does what was drawn before")
  func conditioning() {
    func draw(flipping flipped: Int?, after count: Int) -> [UInt8] {
      var chip = ChipModel(seed: 3)
      ResetController.release(.timer, &chip)
      let noise = chip.randomBits
      var bit = 0
      chip.randomBits = {
        bit += 1
        return noise() != (bit == flipped)
      }
      var source = EntropySource()
      var last: [UInt8] = []
      for _ in 0...count { last = fill(&source, &chip, count: 32).bytes }
      return last
    }
    #expect(draw(flipping: nil, after: 1) == draw(flipping: nil, after: 1))
    // The first draw takes 2,560 bits: the pool carries the flipped one over to the second.
    for flipped in [1, 1_000, 2_560, 5_120] {
      #expect(draw(flipping: flipped, after: 1) != draw(flipping: nil, after: 1))
    }
  }

  @Test("the token waits, winking, until its oscillator is good")
  func waits() {
    let chip = ChipModel()
    let noise = chip.randomBits
    var remaining = 40_000
    chip.randomBits = {
      remaining -= 1
      return remaining > 0 ? true : noise()
    }
    _ = PicoToken(bus: chip, chip: FlashModel())
    #expect(remaining < 0)
    #expect(
      chip.accesses.contains(
        .write(1 << LightEmittingDiode.pin, LightEmittingDiode.outputSet)))
  }

  @Test("every start has a tick epoch of its own")
  func epochs() {
    let epochs = (1...16).map { Firmware(seed: $0).tickEpoch }
    #expect(Set(epochs).count == epochs.count)
  }
}
