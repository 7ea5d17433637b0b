/// `fob demo`: every flow against a simulated token and a console in this process, narrated.
enum Demo {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    throw FobError(.failed, "There is no demonstration yet.")
  }
}

extension Command {
  static let demo = Command(
    name: "demo", section: .other,
    summary: "Watch a simulated token take an account through every flow",
    details: [
      "Runs a simulated token and a console in memory; nothing on this computer is changed."
    ],
    examples: [Example("fob demo", "See enable, log in, update, recover and disable")],
    run: Demo.run)
}
