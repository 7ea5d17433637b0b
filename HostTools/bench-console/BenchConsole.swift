import Enrollment
import Glibc
import OATH
import RelyingParty

/// `bench-console STORE KEYFILE ACCOUNTS LOGINS WORKERS ROUNDS`: verified logins a second.
///
/// A login here is what follows the password, whose hash is slow on purpose: the code is verified and
/// used up, the tries are forgotten, the audit log has its lines, the session is there, and all of
/// it would outlive a power cut. No account logs in twice, so that no code does.
///
/// HostTools/bench-console/run runs it beside a peer and makes a table of what both say.
@main
struct BenchConsole {
  /// Accounts that are made in one transaction.
  static let batch = 1000

  static func main() {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(3).compactMap { Int($0) }
    guard arguments.count == 7, numbers.count == 4, numbers.allSatisfy({ $0 > 0 }),
      numbers[0] >= numbers[1] * numbers[3]
    else {
      complain("Usage: bench-console STORE KEYFILE ACCOUNTS LOGINS WORKERS ROUNDS")
      exit(64)
    }
    do throws(Refusal) {
      let store = Store(address: arguments[1], keyFile: arguments[2])
      let started = Latency.now()
      try makeAccounts(numbers[0], in: store.open())
      complain("\(numbers[0]) accounts made in \((Latency.now() - started) / 1_000_000_000) s")
      // A round for each line that the peer's run lets us take a turn with.
      for round in 0..<numbers[3] {
        guard readLine() != nil else { return }
        let first = round * numbers[1]
        let latency = try measure(first..<first + numbers[1], workers: numbers[2], store)
        write(latency.line, to: STDOUT_FILENO)
      }
    } catch {
      complain("bench-console: \(error)")
      exit(1)
    }
  }

  static func makeAccounts(_ count: Int, in party: RelyingParty) throws(Refusal) {
    for start in stride(from: 0, to: count, by: batch) {
      var accounts: [ImportedAccount] = []
      for number in start..<min(start + batch, count) { accounts.append(Holder(number).imported) }
      try party.importAccounts(accounts)
    }
  }

  static func measure(
    _ numbers: Range<Int>, workers: Int, _ store: Store
  ) throws(Refusal) -> Latency {
    let party = try store.open()
    var tickets: [LoginTicket] = []
    for number in numbers {
      guard
        case .codeNeeded(let ticket) = try party.logIn(
          email: Holder(number).email, password: Holder.password)
      else { throw .mfaNotOn }
      tickets.append(ticket)
    }
    return Workers(store: store, tickets: tickets, first: numbers.lowerBound).run(workers)
  }

  static func complain(_ sentence: String) { write(sentence, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    let line = Array((text + "\n").utf8)
    _ = Glibc.write(descriptor, line, line.count)
  }
}

/// Where the accounts are.
struct Store: Sendable {
  let address: String
  let keyFile: String

  func open() throws(Refusal) -> RelyingParty {
    var policy = Policy()
    policy.hashCost = 1
    policy.ticketLifetime = Seconds(30 * 60)
    return try RelyingParty(opening: address, keyFile: keyFile, policy: policy)
  }
}

/// An account and its token.
struct Holder {
  static let password = "the same for all of them"
  /// crypt(5) of `password`, once: yescrypt at cost 1.
  static let passwordHash = Crypt.hash(password)

  let email: String
  private let secret: [UInt8]

  init(_ number: Int) {
    email = "holder\(number)@example.com"
    secret = (0..<20).map {
      UInt8(truncatingIfNeeded: (number &* 2_654_435_761) >> ($0 % 4 * 8)) &+ UInt8($0)
    }
  }

  var imported: ImportedAccount {
    ImportedAccount(
      email: email, passwordHash: Self.passwordHash,
      key: OTPAuthURI(
        kind: .totp, issuer: nil, account: email, secret: secret, algorithm: .sha1, digits: .six,
        period: Seconds(30)))
  }

  func code() -> String {
    let key = OATHKey(algorithm: .sha1, secret: secret.span)
    let step = TOTP(period: Seconds(30))!.step(at: RelyingParty.systemClock())!
    return HOTP.code(key: key, at: MovingFactor(step), digits: .six).description
  }
}
