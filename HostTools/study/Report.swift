import RelyingParty
import TokenSimulator

/// What `make clock-study` writes into Docs/clock.md: tables, from the trials alone.
struct Report {
  let clocks: [ClockStudy]
  /// A week of stamps on a crystal that nothing moves.
  let steady: ClockStudy
  let verifiers: [VerifierStudy]
  let crystals: Int
  let seed: UInt64

  init(crystals: Int, tokens: Int, seed: UInt64, note: (String) -> Void) {
    self.crystals = crystals
    self.seed = seed
    steady = ClockStudy(.steady, thermometer: false, crystals: crystals, seed: seed)
    var clocks: [ClockStudy] = []
    for kind in Crystal.Kind.allCases {
      for place in [ClockTrial.Place.indoors, .harsh] {
        // A chip that compensates by itself leaves a thermometer nothing to tell.
        for thermometer in kind == .compensated ? [false] : [false, true] {
          let study = ClockStudy(
            place, kind, thermometer: thermometer, crystals: crystals, seed: seed)
          note(study.name)
          clocks.append(study)
        }
      }
    }
    self.clocks = clocks
    verifiers = [
      VerifierStudy("fixed ±1", VerifierStudy.fixed(1), tokens: tokens, seed: seed),
      VerifierStudy("fixed ±6", VerifierStudy.fixed(6), tokens: tokens, seed: seed),
      VerifierStudy("RelyingParty", Policy().tokenClock, tokens: tokens, seed: seed),
    ]
    note("verifiers")
  }

  var clockTables: String {
    let week = steady.weekResiduals.percentile(0.95)
    let errors = Figure.table(
      [
        "place", "residual after 7 days, ppm", "after 30 days, ppm", "30 days alone, s",
        "365 days alone, s", "days until 30 s", "a straight line, s", "nominal rate, s",
      ],
      clocks.map { study in
        let days = study.daysUntil30
        return [
          study.name, Figure.of(study.weekResiduals.percentile(0.95), decimals: 3),
          Figure.of(study.monthResiduals.percentile(0.95), decimals: 3),
          Figure.significant(study.errors(after: 30).percentile(0.95)),
          Figure.significant(study.errors(after: 365).percentile(0.95)),
          "\(Self.days(days.percentile(0.05))) / \(Self.days(days.percentile(0.5)))",
          Figure.significant(study.lineErrors.percentile(0.95)),
          Figure.significant(study.nominalErrors.percentile(0.95)),
        ]
      })
    let bounds = Figure.table(
      [
        "place", "covered for 30 days, %", "while it gives codes, %", "for 365 days, %",
        "bound after 30 days, s",
        "times the p95 error", "after 365 days, s", "times the p95 error",
        "days until 'sync first'",
      ],
      clocks.map { study in
        [
          study.name, Figure.of(study.coverage(until: 30) * 100, decimals: 1),
          Figure.of(study.coverageUntilRefusal * 100, decimals: 1),
          Figure.of(study.coverage(until: 365) * 100, decimals: 1),
          Figure.significant(study.bounds(after: 30).percentile(0.5)),
          Figure.of(study.boundRatio(after: 30).median, decimals: 1),
          Figure.significant(study.bounds(after: 365).percentile(0.5)),
          Figure.of(study.boundRatio(after: 365).median, decimals: 1),
          Self.days(study.daysUntilRefusal.percentile(0.05))
            + " / " + Self.days(study.daysUntilRefusal.percentile(0.5)),
        ]
      })
    return """
      \(crystals) crystals a row, seed \(seed). Errors and residuals: 95 % are no larger. Days until 30 s: for 5 % of the
      crystals, and for half of them.

      \(errors)
      By the noise of the stamps alone (25 °C all along, no aging) the residual after 7 days is \(Figure.of(week, decimals: 3)) ppm.

      The bound is covered when the truth was within it at every look from the last sync on; bounds are medians. A
      token says 'sync first', and gives no code of 30 s, once its bound is 15 s: for 5 % of the crystals, and for half of them.

      \(bounds)
      """
  }

  var verifierTable: String {
    let most = verifiers.map(\.tokens).max() ?? 0
    let table = Figure.table(
      [
        "verifier", "first codes refused, of 1,000", "logins shut out", "tokens that saw that, %",
        "chance of a guess, in a million", "at most",
      ],
      verifiers.map { study in
        let guessable = study.guessable
        return [
          study.name, Figure.significant(study.refusals * 1_000), "\(study.shutOut)",
          Figure.of(Double(study.tokensShutOut) / Double(study.tokens) * 100, decimals: 1),
          Figure.of(guessable.mean, decimals: 2), "\(guessable.most)",
        ]
      })
    return """
      \(most) tokens, five years, about \(verifiers.map(\.logins).max() ?? 0) logins, seed \(seed).

      \(table)
      """
  }

  var plot: Plot {
    let colours = ["indoors": "#2b7bba", "harsh": "#c2452d"]
    var lines: [Plot.Line] = []
    for study in clocks where study.kind == .watch {
      let colour = colours[study.place.rawValue] ?? "black"
      let looks = ClockTrial.looks
      lines.append(
        Plot.Line(
          name: study.name + ": error", colour: colour + (study.hasThermometer ? "80" : ""),
          points: looks.map { ($0, study.errors(after: $0).percentile(0.95)) }))
      lines.append(
        Plot.Line(
          name: study.name + ": bound", colour: colour + (study.hasThermometer ? "80" : ""),
          isDashed: true, points: looks.map { ($0, study.bounds(after: $0).percentile(0.5)) }))
    }
    return Plot(title: "Error that 95 % stay within, and the bound's median", lines: lines)
  }

  private static func days(_ days: Double) -> String {
    days.isFinite ? Figure.of(days, decimals: 0) : "over \(Int(ClockTrial.longest))"
  }
}
