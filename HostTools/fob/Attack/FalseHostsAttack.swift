import JSON
import TokenCore

/// `fob sim attack false-hosts`: its table.
enum FalseHostsAttack {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    if !invocation.has(.json) {
      console.note(
        "Simulated tokens with a perfect crystal, for a year among hosts that lie about the time.")
    }
    let results = FalseHosts.Story.allCases.map {
      FalseHosts($0, at: SimAttack.start).run()
    }
    if invocation.has(.json) {
      console.line(json(results).indentedText)
    } else {
      console.table(
        ["HOSTS SAY", "CLOCK MOVED", "AT MOST", "LIMIT"],
        results.map { result in
          [
            result.story.rawValue, seconds(result.moved),
            result.limit.map(seconds) ?? "any time, once", result.isKept ? "kept" : "BROKEN",
          ]
        })
      console.note(
        "Nobody but the person who sets up the token should be the first to tell it the time.")
    }
    if results.contains(where: { !$0.isKept }) {
      throw FobError(.failed, "A host without a secret moved a clock further than it may.")
    }
  }

  private static func seconds(_ length: Microseconds) -> String {
    let hundredths = (length.rawValue + 5_000) / 10_000
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) s"
  }

  private static func json(_ results: [FalseHosts.Result]) -> JSON {
    [
      "body": "simulated",
      "attack": "false-hosts",
      "days": .integer(FalseHosts.days),
      "stories": .array(
        results.map { result in
          [
            "hosts": .string(result.story.rawValue),
            "movedMicroseconds": .integer(Int(result.moved.rawValue)),
            "limitMicroseconds": result.limit.map { .integer(Int($0.rawValue)) } ?? .null,
            "isKept": .bool(result.isKept),
          ]
        }),
    ]
  }
}
