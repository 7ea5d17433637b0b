import RelyingParty
import TokenClient

/// `fob demo`: every flow of an account's second factor, between a simulated token and a console in
/// this process.
///
/// Nothing in it is acted: the console is the relying party's library over an SQLite file, the
/// token the same core that firmware runs, and what is printed is what they answered. Only time is
/// moved on by hand, so that nobody has to wait for the next code.
enum Demo {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let narrator = Narrator(console)
    narrator.line(
      "Simulated: a token made of software and a console in this process, both gone at the end.")
    narrator.line("Time is moved on by hand, so that nobody has to wait for the next code.")
    let world = try DemoWorld(console)
    defer { world.leave() }
    do throws(DemoFailure) {
      try DemoFlows(world: world, narrator: narrator).all()
    } catch {
      throw FobError(.failed, "The demo stopped: \(error.sentence)")
    }
    try console.flush()
  }
}

/// Why the demo could not go on: one of its two sides refused what it should not have, or did not
/// refuse what it should have.
enum DemoFailure: Error {
  case console(Refusal)
  case token(TokenFailure)
  case other(String)

  var sentence: String {
    switch self {
    case .console(let refusal): "the console said: \(refusal)"
    case .token(let failure): "the token said: \(failure)"
    case .other(let sentence): sentence
    }
  }
}

extension Command {
  static let demo = Command(
    name: "demo", section: .other,
    summary: "Watch a simulated token take an account through every flow",
    details: [
      "Enable, log in, update, recover, disable, and the way back without token and codes: a "
        + "simulated token and a console in this process go through them, and each step is told. "
        + "Nothing on this computer is touched."
    ],
    examples: [Example("fob demo", "See what this is all about")],
    run: Demo.run)
}
