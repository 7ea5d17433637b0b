import ConsolePages
@preconcurrency import Glibc
import HTTPServer
import OATH
import RelyingParty

/// `console`: opens the database, sees to the first account, and serves until it is told to end.
enum ConsoleCommand {
  /// How a run ends: as `fob` does.
  private enum Status: Int32 {
    case ok = 0
    case failed = 1
    case usage = 2
  }

  static func run(_ words: [String]) -> Int32 {
    let options: Options
    do throws(UsageError) {
      options = try Options(words)
    } catch {
      say("\(error.sentence) 'console --help' shows what there is.")
      return Status.usage.rawValue
    }
    if options.wantsHelp {
      fputs(Options.help, stdout)
      return Status.ok.rawValue
    }
    do {
      switch options.command {
      case .serve: try serve(options)
      case .backUp, .restore: try Copies.run(options)
      case .addKey, .sealAnew, .dropKeys: try Keys.run(options)
      case .verifyAudit:
        let found = try open(options).verifyAuditLog()
        found.sentences.forEach(say)
        if !found.isIntact { return Status.failed.rawValue }
      case .listOperators, .appoint, .dismiss, .resetMFA: try run(options.command, open(options))
      }
      return Status.ok.rawValue
    } catch let refusal as Refusal {
      say(refusal.description)
    } catch let failure as ServerFailure {
      say(failure.description)
    } catch {
      say("\(error)")
    }
    return Status.failed.rawValue
  }

  private static func serve(_ options: Options) throws {
    // Every thread starts with these held back; this one takes them when it waits.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    signal(SIGPIPE, SIG_IGN)

    let first = try open(options)
    if try first.countAccounts() == 0 { try FirstAccount.ask(first) }

    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let panel = options.token.map(TokenPanel.init(socket:))
    let console = Console(
      pool: PartyPool(first), site: Site(publicOrigin: options.origin, panel: panel))
    let server = try HTTPServer(
      port: options.port, limits: HTTPServer.Limits(),
      fault: { console.answer($0, path: $1) }, handler: { console.answer($0) })
    if options.printsAddress {
      print("\(server.origin)/")
      fflush(stdout)
    }
    say("The console is at \(options.origin ?? server.origin)/. Ctrl-C ends it.")
    var number: Int32 = 0
    sigwait(&signals, &number)
    endSoon()
    withExtendedLifetime(server) {}
  }

  /// A command of whoever runs the console, on the machine itself.
  private static func run(_ command: Options.Command, _ party: RelyingParty) throws {
    switch command {
    case .listOperators:
      for account in try party.operators() { print(account.email) }
    case .appoint(let email):
      try party.appointOperator(email)
      say("\(email) is a support operator now. Deciding recovery cases needs MFA on this account.")
    case .dismiss(let email):
      try party.appointOperator(email, false)
      say("\(email) is no longer a support operator.")
    case .resetMFA(let email):
      try resetMFA(email, party)
    default: break
    }
  }

  /// Requests that are being answered are answered first; but whoever ends the console does not wait
  /// for a database that does not answer. What is acknowledged is saved by then.
  private static func endSoon() {
    let seconds: UInt32 = 5
    signal(SIGALRM) { _ in ConsoleCommand.end() }
    alarm(seconds)
  }

  private static func end() { _exit(Status.ok.rawValue) }

  /// The way back for the one operator who lost everything. The word is read from standard input, so
  /// that it is typed for this account.
  private static func resetMFA(_ email: String, _ party: RelyingParty) throws {
    let word = RelyingParty.resetConfirmation
    say("This turns MFA off for \(email). The password alone then logs in.")
    fputs("Type \(word) to confirm: ", stderr)
    let typed = readLine() ?? ""
    guard typed.split(separator: " ") == [Substring(word)] else { throw Refusal.resetNotConfirmed }
    try party.resetMFA(ofAccount: email)
    say("MFA is off for \(email). The audit log has it.")
  }

  /// The console's database, with the rules that the options state.
  static func open(_ options: Options) throws(Refusal) -> RelyingParty {
    var policy = Policy()
    if let cost = options.hashCost { policy.hashCost = cost }
    if let hours = options.recoveryWaitHours { policy.recoveryWait = Seconds(hours * 3600) }
    return try RelyingParty(
      opening: options.database, keyFile: options.keyFile, policy: policy)
  }

  static func say(_ sentence: String) { fputs("console: \(sentence)\n", stderr) }
}
