import Glibc
import PowerCuts
import TokenCore

/// `make test-power`: cuts the power of a store and of a token more than a million times.
@main
struct PowerCutRun {
  private static let usage = """
    usage: power-cuts [--cuts COUNT] [--image FILE] [--repeat PLACE]
      --cuts COUNT    power cuts for the store, and as many for the token; 1000000 unless told
      --image FILE    firmware for the Pico, whose power is cut as well
      --repeat PLACE  does again what a failure's line says
    """

  static func main() {
    var cuts = 1_000_000
    var place: CutPlace?
    var image: String?
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      switch argument {
      case "--cuts":
        guard let count = arguments.popFirst().flatMap({ Int($0) }), count > 0 else { misused() }
        cuts = count
      case "--image":
        guard let file = arguments.popFirst() else { misused() }
        image = file
      case "--repeat":
        guard let parsed = arguments.popFirst().flatMap({ CutPlace(parsing: $0) }) else {
          misused()
        }
        place = parsed
      case "--help", "-h":
        Output.line(usage)
        return
      default: misused()
      }
    }
    do {
      if let place {
        try again(place)
      } else {
        try runAll(cuts: cuts)
        if let image {
          var cuts = ImageCuts(image)
          try cuts.run()
        }
        try wear()
      }
    } catch {
      Output.complaint("\(error)")
      exit(1)
    }
  }

  /// What is run: subjects over small flash, so that much of what is cut is compaction.
  private static let runs: [(title: String, runs: [String])] = [
    ("store", ["store:4x1024", "store:5x1040", "store:4x2048"]),
    ("token", ["token:6x1024", "token:7x1040", "token:5x2048"]),
  ]

  private static func runAll(cuts: Int) throws(PowerCutFailure) {
    Output.line(
      "level    operations  flash operations  erasures  cuts in operations  cuts in recoveries")
    var all = 0
    for (title, runs) in runs {
      var figures = CutFigures()
      var bar = ProgressBar(title: title, total: cuts)
      var round: UInt64 = 1
      while figures.allCuts < cuts {
        for run in runs where figures.allCuts < cuts {
          guard let run = CutRun(parsing: "\(run):\(round)") else { misused() }
          var driver = try run.driver(.long)
          for _ in 0..<60 where figures.allCuts + driver.figures.allCuts < cuts {
            try driver.next()
            bar.show(figures.allCuts + driver.figures.allCuts)
          }
          figures.add(driver.figures)
        }
        round += 1
      }
      bar.clear()
      all += figures.allCuts
      let numbers = [
        (figures.operations, 10), (figures.flashOperations, 16), (figures.erasures, 8),
        (figures.cuts, 18), (figures.recoveryCuts, 18),
      ]
      Output.line(
        padded(title, -7) + " " + numbers.map { padded("\($0)", $1) }.joined(separator: "  "))
    }
    Output.line("\(all) power cuts, and after each: before or after, and nothing else left")
  }

  /// The flash of each body, and years of heavy use on it.
  private static func wear() throws(StorageFailure) {
    let years = 10
    for (body, sectorCount) in [("micro:bit", 16), ("Pico", 32)] {
      var use = try HeavyUse(sectorCount: sectorCount, sectorSize: 4096)
      var bar = ProgressBar(title: body, total: years * 365)
      let figures = try use.run(days: years * 365) { bar.show($0) }
      bar.clear()
      Output.line(
        """
        \(body), \(years) years of \(HeavyUse.writesADay) writes a day: \(figures.writes) writes of \
        \(figures.valueBytes) bytes; \(figures.programs) programs of \(figures.programmedBytes) \
        bytes; each sector erased \(figures.leastErased) to \(figures.mostErased) times; 100000 \
        erasures after \(100_000 * years / max(figures.mostErased, 1)) years
        """)
    }
  }

  private static func again(_ place: CutPlace) throws(PowerCutFailure) {
    guard let run = CutRun(parsing: place.run) else { misused() }
    var driver = try run.driver(.long)
    try driver.goTo(place)
    Output.line("\(place): nothing wrong")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    let space = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? text + space : space + text
  }

  private static func misused() -> Never {
    Output.complaint(usage)
    exit(64)
  }
}
