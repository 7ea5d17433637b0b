import Glibc
import ProcessSecrecy

/// The tool from its arguments to its exit status.
enum Fob {
  /// Runs one command.
  ///
  /// - Parameter words: the arguments without the program's own name.
  /// - Returns: the exit status; see `ExitStatus`. `sim run` returns that of the command it ran.
  static func run(_ words: [String]) -> Int32 {
    ProcessSecrecy.begin()
    // A reader that goes away is an error of `write` that can be told about, and in the middle of
    // an update one that has to roll back, so it must not end the process by itself.
    signal(SIGPIPE, SIG_IGN)
    SignalHold.release()
    let console = Console()
    defer { console.endings.run() }
    do throws(FobError) {
      let invocation = try Parser(commands: CommandTable.all).parse(words)
      try invocation.command.run(invocation, console)
      // Before anything else may take its time: nobody shall use what was proved.
      console.endings.run()
      try console.flush()
      return console.childStatus ?? ExitStatus.ok.rawValue
    } catch {
      // What was written before the failure is still wanted, and comes first.
      try? console.flush()
      if !error.sentence.isEmpty {
        // Other programs may have had a word in it.
        console.note("fob: \(Printable.text(error.sentence))")
      }
      return error.status.rawValue
    }
  }
}
