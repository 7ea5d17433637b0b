import Testing
import TokenCore
import TokenSimulator

@testable import study

@Suite("The study of clocks, with few crystals")
struct ClockStudyTests {
  private static let crystals = 40

  private func study(
    _ place: ClockTrial.Place, _ kind: Crystal.Kind = .watch, thermometer: Bool = false
  ) -> ClockStudy {
    ClockStudy(
      place, kind, thermometer: thermometer, crystals: Self.crystals, seed: 7, longest: 30)
  }

  @Test("a week of stamps leaves 0.05 ppm by their noise")
  func noise() {
    #expect(study(.steady).weekResiduals.percentile(0.95) < 0.05, "repeat with: seed 7")
  }

  @Test(
    "after 30 days alone the error is what the clock is sold for, and better than a straight line's",
    arguments: [
      (.indoors, false, 2.9), (.indoors, true, 2.9), (.harsh, false, 10.7), (.harsh, true, 5.2),
    ] as [(ClockTrial.Place, Bool, Double)])
  func month(place: ClockTrial.Place, thermometer: Bool, floor: Double) {
    let study = study(place, thermometer: thermometer)
    let error = study.errors(after: 30).percentile(0.95)
    #expect(error < floor, "repeat with: seed 7")
    #expect(error < study.lineErrors.percentile(0.95), "repeat with: seed 7")
    #expect(error < study.nominalErrors.percentile(0.95) / 3, "repeat with: seed 7")
    // The truth never leaves the bound, and the bound is no excuse.
    #expect(study.coverage(until: 30) == 1, "repeat with: seed 7")
    #expect(study.boundRatio(after: 30).median < 5, "repeat with: seed 7")
  }

  @Test("a chip that compensates, or was calibrated, is covered too")
  func otherKinds() {
    for kind in [Crystal.Kind.calibrated, .compensated] {
      let study = study(.harsh, kind)
      #expect(study.coverage(until: 30) == 1, "\(kind)")
      #expect(study.errors(after: 30).percentile(0.95) < 10.7, "\(kind)")
    }
  }

  @Test("every crystal stays within what its board promises, for the five years of a trial")
  func promises() {
    for kind in Crystal.Kind.allCases {
      for seed in 0..<300 as Range<UInt64> {
        var random = SeededRandom(seed)
        let crystal = Crystal.drawn(kind, &random)
        let climate = Climate.harsh(&random)
        for hour in stride(from: 0.0, to: 5.3 * 8_766, by: 531) {
          let seconds = hour * 3_600
          let error = crystal.error(
            at: climate.temperature(at: seconds), age: seconds, volts: 3 - 0.05 * hour / 8_766)
          let promise = ClockTrial.promise(kind, .harsh)
          #expect(abs(error) <= Double(promise.rawValue), "repeat with: seed \(seed), \(kind)")
        }
      }
    }
  }

  @Test("one seed makes one study")
  func repeats() {
    var first = ClockTrial(.harsh, thermometer: true, seed: 3)
    var second = ClockTrial(.harsh, thermometer: true, seed: 3)
    var other = ClockTrial(.harsh, thermometer: true, seed: 4)
    let outcome = first.run(longest: 30)
    #expect(outcome.looks.map(\.error) == second.run(longest: 30).looks.map(\.error))
    #expect(outcome.looks.map(\.error) != other.run(longest: 30).looks.map(\.error))
  }
}
