import JSON
import TokenClient

/// `fob sim attack neighbour`: whose a proof is.
enum NeighbourAttack {
  /// So that every run is the same.
  static let seed: UInt64 = 1

  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    if !invocation.has(.json) {
      console.note(
        "Simulated tokens, and beside fob a program that knows no secret. What it can do:")
    }
    var results: [Neighbour.Result] = []
    for rule in NeighbourRule.allCases {
      do throws(TokenFailure) {
        results.append(try Neighbour(against: rule, seed: seed).run())
      } catch {
        throw FobError(error)
      }
    }
    if invocation.has(.json) {
      console.line(json(results).indentedText)
    } else {
      report(results, console)
    }
    if results.contains(where: { $0.rule.isWatchfob && !$0.holes.isEmpty }) {
      throw FobError(.failed, "Another program got what Watchfob's rules do not allow it.")
    }
  }

  private static func report(_ results: [Neighbour.Result], _ console: Console) {
    console.table(
      ["ON"] + results.map { $0.rule.rawValue.uppercased() },
      Neighbour.Way.allCases.map { way in
        [way.rawValue] + results.map { words($0.gains[way] ?? []) }
      })
    for result in results { console.note("\(result.rule.rawValue): \(result.rule.summary)") }
    console.note(
      "While fob uses its channel, a program that hears it can do what fob can, and no more: hidraw gives "
        + "everything that a token says to everyone who may open it.")
  }

  private static func words(_ gains: Set<Neighbour.Gain>) -> String {
    gains.isEmpty
      ? "nothing"
      : Neighbour.Gain.allCases.filter(gains.contains).map(\.rawValue).joined(separator: " ")
  }

  private static func json(_ results: [Neighbour.Result]) -> JSON {
    [
      "body": "simulated",
      "attack": "neighbour",
      "rules": .array(
        results.map { result in
          [
            "rule": .string(result.rule.rawValue),
            "ways": .array(
              Neighbour.Way.allCases.map { way in
                [
                  "way": .string(way.rawValue),
                  "gains": .array(
                    Neighbour.Gain.allCases.filter { result.gains[way]?.contains($0) == true }
                      .map { .string($0.rawValue) }),
                ]
              }),
            "holes": .integer(result.holes.count),
          ]
        }),
    ]
  }
}
