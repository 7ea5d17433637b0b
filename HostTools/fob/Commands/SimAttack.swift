import JSON
import TokenCore

/// `fob sim attack`: what the rules of the token are for, tried out.
enum SimAttack {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    switch invocation.arguments[0] {
    case "neighbour": try NeighbourAttack.run(invocation, console)
    case "false-hosts": try FalseHostsAttack.run(invocation, console)
    default: try travel(invocation, console)
    }
  }

  /// 2026-03-01T12:00:00Z, so that every run is the same.
  static let start = UnixTime(microseconds: 1_772_366_400_000_000)

  private static func travel(
    _ invocation: Invocation, _ console: Console
  ) throws(FobError) {
    if !invocation.has(.json) {
      console.note(
        "Simulated tokens, in somebody's hands for ten minutes. The codes of the next ten days are "
          + "wanted.")
    }
    let results = ClockRule.allCases.map { TimeTraveller(against: $0, at: start).run() }
    if invocation.has(.json) { return console.line(json(results).indentedText) }
    console.table(
      ["RULE", "CODES", "WAYS TRIED", "POWER CUTS", "HOW"],
      results.map {
        [
          $0.rule.rawValue, "\($0.loot.count)", "\($0.ways)", "\($0.cuts)",
          $0.method ?? "nothing worked",
        ]
      })
    for result in results { console.note("\(result.rule.rawValue): \(result.rule.summary)") }
    for result in results where !result.loot.isEmpty {
      let codes = result.loot.map(\.code.description).joined(separator: " ")
      console.note("\(result.rule.rawValue): the relying party would take \(codes), one a day")
    }
    if results.contains(where: { $0.rule.isWatchfob && !$0.loot.isEmpty }) {
      throw FobError(.failed, "Codes were harvested under a rule of Watchfob's.")
    }
  }

  private static func json(_ results: [TimeTraveller.Result]) -> JSON {
    [
      "body": "simulated",
      "attack": "time-traveller",
      "rules": .array(results.map(json)),
    ]
  }

  private static func json(_ result: TimeTraveller.Result) -> JSON {
    [
      "rule": .string(result.rule.rawValue),
      "harvested": .integer(result.loot.count),
      "ways": .integer(result.ways),
      "powerCuts": .integer(result.cuts),
      "method": result.method.map { .string($0) } ?? .null,
      "codes": .array(
        result.loot.map {
          [
            "takenAt": .integer(Int($0.time.seconds)), "step": .integer(Int($0.step.rawValue)),
            "code": .string($0.code.description),
          ]
        }),
    ]
  }
}

extension Command {
  static let simAttack = Command(
    name: "sim attack", section: .simulator,
    summary: "Attack simulated tokens, and see what the token's rules are for",
    details: [
      "time-traveller: somebody has a token for ten minutes, sets its clock forward, takes codes, and sets "
        + "it back; with the power cut within every operation of the flash, and again while the token "
        + "starts after that. Each code is shown to the relying party's rules at its time.",
      "neighbour: a program that knows no secret runs beside fob. It guesses fob's channel, or overhears it, "
        + "and tries to list, to compute codes, to set the clock, a PIN and a password, and to erase the "
        + "token, while fob runs and after it left.",
      "false-hosts: for a simulated year, hosts that know no secret tell a token wrong times, as wrong as it "
        + "takes them. The table says how far its clock was moved, and how far the rules let it be.",
      "Rules of other firmware are attacked too, for comparison. The tokens are made for it: none of yours "
        + "is touched. Ends with 1 if Watchfob's rules fail.",
    ],
    arguments: [
      Argument(
        name: "ATTACK", summary: "time-traveller, neighbour or false-hosts",
        kind: .choice(["time-traveller", "neighbour", "false-hosts"]))
    ],
    options: [.json],
    examples: [
      Example("fob sim attack time-traveller", "See what a clock's rules are for"),
      Example("fob sim attack neighbour", "See what another program on this computer can do"),
      Example(
        "fob sim attack false-hosts", "See what hosts that lie about the time can do in a year"),
    ],
    run: SimAttack.run)
}
