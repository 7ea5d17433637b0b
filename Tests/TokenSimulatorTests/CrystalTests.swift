import Testing
import TokenCore
import TokenSimulator

@Suite("Crystals")
struct CrystalTests {
  private let day = 86_400.0

  /// Runs for so many days, and gives the mean error in ppb.
  private func meanError(_ crystal: Crystal, in climate: Climate, days: Double) -> Double {
    var counter = CrystalCounter(crystal, in: climate)
    counter.run(until: days * day)
    return counter.ahead / counter.seconds * 1e9
  }

  @Test("an ideal crystal counts its rate, and how the time is cut makes no difference")
  func ideal() {
    var counter = CrystalCounter(.ideal)
    counter.run(until: 10 * day)
    #expect(counter.ticks == Ticks(10 * 86_400 * 32_768))
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededRandom(seed)
      let crystal = Crystal.drawn(.watch, &random)
      var whole = CrystalCounter(crystal, in: .harsh(&random))
      var pieces = whole
      // Looks within an interval are a little off, and no more than that.
      for hour in 1...240 { pieces.run(until: Double(hour) * 3_600) }
      whole.run(until: 10 * day)
      #expect(whole == pieces, "repeat with: seed \(seed)")
    }
  }

  @Test("a crystal loses the square of its distance from the turnover temperature")
  func parabola() {
    let crystal = Crystal(turnover: 22, curvature: -34)
    #expect(meanError(crystal, in: Climate(mean: 22), days: 3) == 0)
    #expect(abs(meanError(crystal, in: Climate(mean: 32), days: 3) + 3_400) < 0.01)
    #expect(abs(meanError(crystal, in: Climate(mean: 12), days: 3) + 3_400) < 0.01)
  }

  @Test("cycles of temperature cost half the square of their height, on top of the mean's")
  func cycles() {
    let crystal = Crystal()
    let daily = meanError(crystal, in: Climate(day: 8), days: 30)
    #expect(abs(daily + 34 * 32) < 15)
    let yearly = meanError(crystal, in: Climate(season: 12), days: 365.25)
    #expect(abs(yearly + 34 * 72) < 15)
  }

  @Test("a step of temperature counts from its start on")
  func steps() {
    let climate = Climate(steps: [
      Climate.Step(start: 5 * day, kelvin: 10), Climate.Step(start: 10 * day, kelvin: 0),
    ])
    #expect(climate.temperature(at: 5 * day - 1) == 25)
    #expect(climate.temperature(at: 5 * day) == 35)
    #expect(climate.temperature(at: 20 * day) == 25)
    #expect(abs(meanError(Crystal(), in: climate, days: 20) + 3_400 / 4) < 0.01)
  }

  @Test("aging is fast at first, and a year's after a year")
  func aging() {
    let crystal = Crystal(aging: 3_000)
    #expect(crystal.error(at: 25, age: 0) == 0)
    #expect(abs(crystal.error(at: 25, age: 365.25 * day) - 3_000) < 0.001)
    #expect(crystal.error(at: 25, age: 60 * day) > 1_200)
    #expect(crystal.error(at: 25, age: 3_652.5 * day) < 6_000)
  }

  @Test("a battery pulls the crystal as it sags, and ends its count when it is empty")
  func battery() {
    let crystal = Crystal(pull: 300)
    #expect(abs(crystal.error(at: 25, volts: 2.5) + 150) < 0.001)
    var counter = CrystalCounter(crystal, battery: Battery(sag: 0.1, life: 365.25 * day))
    counter.run(until: 1_000 * day)
    #expect(!counter.isRunning)
    #expect(counter.seconds == 365.25 * day)
    // Half of 0.1 V in the mean: 15 ppb.
    #expect(abs(counter.ahead / counter.seconds * 1e9 + 15) < 0.1)
  }

  @Test("the calibration register leaves half a step of 0.954 ppm at most")
  func register() {
    #expect(abs(CalibrationRegister.step - 953.67) < 0.01)
    for seed in 0..<500 as Range<UInt64> {
      var random = SeededRandom(seed)
      let crystal = Crystal.drawn(.calibrated, &random)
      // And what it adds is counted by the crystal itself: 20 ppm of 20 ppm.
      #expect(abs(crystal.error(at: 25)) < 953.68 / 2 + 1, "repeat with: seed \(seed)")
    }
    #expect(CalibrationRegister(nearestFor: 1e9).value == -511)
    #expect(CalibrationRegister(nearestFor: -1e9).value == 512)
  }

  @Test("each kind stays within what its data sheet says, and is not all alike")
  func kinds() {
    for kind in Crystal.Kind.allCases {
      let limit = kind == .watch ? 20_000.0 + 40 * 25 : 2_100
      var errors: [Double] = []
      for seed in 0..<500 as Range<UInt64> {
        var random = SeededRandom(seed)
        let crystal = Crystal.drawn(kind, &random)
        let range = kind == .compensated ? [0.0, 25, 50] : [25]
        for celsius in range {
          #expect(abs(crystal.error(at: celsius)) <= limit, "repeat with: seed \(seed), \(kind)")
        }
        errors.append(crystal.error(at: 25))
      }
      #expect(Set(errors).count > 20)
    }
  }

  @Test("a counter of few bits that wraps is extended by whoever reads it often enough")
  func wrapping() {
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededRandom(seed)
      var counter = CrystalCounter(.drawn(.watch, &random), in: .harsh(&random))
      // 24 bits at 32,768 a second wrap every 512 s.
      var narrow = WrappingCounter(bits: 24)
      for _ in 0..<2_000 {
        counter.run(until: counter.seconds + Double.random(in: 0...511, using: &random))
        let register = narrow.register(at: counter.ticks)
        #expect(register < 1 << 24)
        #expect(narrow.extended(register) == counter.ticks, "repeat with: seed \(seed)")
      }
      // Whoever comes too late loses whole turns, and never more.
      counter.run(until: counter.seconds + 5_000)
      let late = narrow.extended(narrow.register(at: counter.ticks))
      #expect(late < counter.ticks)
      #expect(counter.ticks.elapsed(since: late).isMultiple(of: 1 << 24))
    }
  }

  @Test("the simulated token's clock runs slower in the warmth and in the cold")
  func warmToken() {
    var clock = SimulatedClock(crystalOffset: PartsPerBillion(5_000))
    clock.advance(by: TrueTicks(1_000_000_000), celsius: 35)
    #expect(clock.ticks == Ticks(1_000_000_000 + 1_600))
    clock.advance(by: TrueTicks(1_000_000_000), celsius: -40)
    #expect(clock.ticks == Ticks(2_000_000_000 + 1_600 + 5_000 - 143_650))
    clock.advance(by: TrueTicks(1_000_000_000))
    #expect(clock.ticks == Ticks(3_000_000_000 + 1_600 + 10_000 - 143_650))
  }
}
