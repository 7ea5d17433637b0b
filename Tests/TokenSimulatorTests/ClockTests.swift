import Testing
import TokenCore
import TokenSimulator

@Suite("The simulated clock")
struct ClockTests {
  @Test("a second of true time is 32,768 ticks of a perfect crystal")
  func rate() {
    var clock = SimulatedClock()
    clock.advance(by: TrueTicks(Microseconds(1_000_000)))
    #expect(clock.ticks == Ticks(32_768))
    #expect(TrueTicks(Microseconds(-1)) == .zero)
    #expect(TrueTicks(Microseconds(31)).rawValue == 1)
    #expect(TrueTicks(nanoseconds: 1_000_000_000).rawValue == 32_768)
  }

  @Test("a crystal's error adds up to the tick, however the time is cut into pieces")
  func drift() {
    for seed in 0..<200 as Range<UInt64> {
      var random = Seed(seed)
      let offset = PartsPerBillion(Int32.random(in: -20_000...20_000, using: &random))
      var whole = SimulatedClock(crystalOffset: offset)
      var pieces = whole
      var total: UInt64 = 0
      for _ in 0..<50 {
        let length = UInt64.random(in: 0...(1 << 36), using: &random)
        pieces.advance(by: TrueTicks(length))
        total += length
      }
      whole.advance(by: TrueTicks(total))
      #expect(whole == pieces, "repeat with: seed \(seed)")
      let error = Int64(whole.ticks.rawValue) - Int64(total)
      let exact = Double(total) * Double(offset.rawValue) / 1e9
      #expect(abs(Double(error) - exact) <= 1, "repeat with: seed \(seed)")
    }
  }

  @Test("a clock never goes backwards, and a long time does not break it")
  func monotonic() {
    for offset in [
      SimulatedClock.crystalOffsets.lowerBound, SimulatedClock.crystalOffsets.upperBound,
    ] {
      var clock = SimulatedClock(crystalOffset: offset)
      var random = Seed(3)
      for _ in 0..<5_000 {
        let before = clock.ticks
        clock.advance(by: TrueTicks(UInt64.random(in: 0...2, using: &random)))
        #expect(clock.ticks >= before)
      }
      let before = clock.ticks
      clock.advance(by: TrueTicks((1 << 53) - 1))
      #expect(clock.ticks > before)
    }
  }

  @Test("the count is lost without battery and cable, and only then")
  func losing() {
    var clock = SimulatedClock()
    let first = clock.epoch
    clock.advance(by: TrueTicks(100))
    clock.setCable(plugged: true)
    clock.setBattery(present: false)
    clock.advance(by: TrueTicks(100))
    #expect(clock.epoch == first)
    #expect(clock.ticks == Ticks(200))
    clock.setCable(plugged: false)
    #expect(clock.epoch != first)
    #expect(clock.ticks == Ticks(0))
    clock.advance(by: TrueTicks(100))
    #expect(clock.ticks == Ticks(0))
    let second = clock.epoch
    clock.setBattery(present: true)
    clock.advance(by: TrueTicks(5))
    #expect(clock.epoch == second)
    #expect(clock.ticks == Ticks(5))
  }

  @Test("what the real time driver hands out adds up to the time that passed")
  func driver() {
    for seed in 0..<100 as Range<UInt64> {
      var random = Seed(seed)
      let start = UInt64.random(in: 0...(1 << 50), using: &random)
      var now = start
      var driver = RealTimeDriver(now: start)
      var sum: UInt64 = 0
      for _ in 0..<200 {
        now += UInt64.random(in: 0...100_000, using: &random)
        sum += driver.elapsed(now: now).rawValue
      }
      #expect(sum == TrueTicks(nanoseconds: now - start).rawValue, "repeat with: seed \(seed)")
      #expect(driver.elapsed(now: start) == .zero)
      #expect(driver.elapsed(now: now) == .zero)
    }
  }
}
