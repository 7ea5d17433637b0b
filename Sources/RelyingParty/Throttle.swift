import OATH

/// The count of wrong tries in a row, kept in the database, so that a restart forgets nothing.
///
/// A try is spent *before* the comparison and given back only by a success, so that any number of
/// tries at the same moment count as many, and a crash in between counts as a failure. A try that
/// comes too early is refused before anything is compared, is not counted, and is answered the
/// same whether the password or code was right.
struct Throttle {
  /// What is tried; each is counted apart, so that a right password does not clear wrong codes.
  enum Stage: String {
    case password
    case code
    /// Wrong passwords and codes from one network address, whatever the account.
    case address
    /// Accounts made from one network address.
    case signUp
  }

  /// One thing to be counted.
  struct Try {
    let stage: Stage
    let name: String
    let limit: TryLimit

    init(_ stage: Stage, of name: String, _ limit: TryLimit) {
      self.stage = stage
      self.name = name
      self.limit = limit
    }
  }

  /// A count that nobody added to for this long after its wait ended is dropped: there may be one
  /// for every name that anybody ever typed. Wrong codes are remembered until a right one.
  static let memory = Seconds(24 * 3600)

  let database: Database
  let hash: KeyedHash

  /// Takes one try of each, or refuses with the longest time to wait and takes none. Returns whether
  /// the first, if it is wrong, starts a lock.
  func spend(_ tries: [Try], at now: Seconds) throws(Refusal) -> Bool {
    let (locks, due) = try database.conditionally { () throws(Refusal) -> (Bool, Wait?) in
      var counts: [Int] = []
      var longest: Wait?
      var isCut = false
      for one in tries {
        // A write, so that the row is this transaction's from here on.
        let (failures, notBefore) =
          try database.rows(
            """
            INSERT INTO throttle (subject, stage, failures, not_before) VALUES (?, ?, 0, 0)
            ON CONFLICT (subject) DO UPDATE SET failures = throttle.failures
            RETURNING failures, not_before
            """, subject(one), one.stage.rawValue
          ) { (Int($0.integer(0)), $0.seconds(1)) }.first ?? (0, now)
        counts.append(failures + 1)
        // Where no wait is due there is none. One that is longer than it can be is from a clock that was
        // ahead, and is cut, which has to be saved: it would begin anew each time.
        let latest = now.later(by: one.limit.wait(after: failures).rawValue)
        if notBefore > latest {
          isCut = true
          try database.run(
            "UPDATE throttle SET not_before = ? WHERE subject = ?", latest, subject(one))
        }
        let until = min(notBefore, latest)
        if until > longest?.until ?? now {
          longest = Wait(
            until: until, length: Seconds(until.rawValue - now.rawValue),
            isLocked: failures >= one.limit.lockAfter)
        }
      }
      if let longest {
        if !isCut { throw .tooManyTries(longest) }
        return (false, longest)
      }
      for (one, spent) in zip(tries, counts) {
        try database.run(
          """
          UPDATE throttle SET failures = ?, not_before = ? WHERE subject = ?
          """, spent, now.later(by: one.limit.wait(after: spent).rawValue), subject(one))
      }
      guard let first = tries.first, let count = counts.first else { return (false, nil) }
      return (count >= first.limit.lockAfter, nil)
    }
    if let due { throw .tooManyTries(due) }
    return locks
  }

  /// Forgets the wrong tries, after a right one.
  func clear(_ stage: Stage, of name: String) throws(Refusal) {
    try database.run("DELETE FROM throttle WHERE subject = ?", subject(stage, name))
  }

  /// Takes back one try, after a right one, and leaves those before it: whoever guesses at other
  /// people's passwords can be right about their own in between.
  func giveBack(_ stage: Stage, of name: String, at now: Seconds) throws(Refusal) {
    try database.run(
      "UPDATE throttle SET failures = failures - 1, not_before = ? WHERE subject = ?", now,
      subject(stage, name))
    try database.run(
      "DELETE FROM throttle WHERE subject = ? AND failures <= 0", subject(stage, name))
  }

  /// Drops what was long forgotten.
  func purge(at now: Seconds) throws(Refusal) {
    try database.run(
      "DELETE FROM throttle WHERE stage <> ? AND not_before < ?", Stage.code.rawValue,
      now.later(by: -Self.memory.rawValue))
  }

  private func subject(_ one: Try) -> [UInt8] { subject(one.stage, one.name) }

  private func subject(_ stage: Stage, _ name: String) -> [UInt8] {
    hash.digest(Array("\(stage.rawValue):\(name)".utf8))
  }
}

/// How long one has to wait after how many wrong tries in a row.
public struct TryLimit: Sendable {
  /// Wrong tries without any wait.
  public let free: Int
  /// The wait after the next one; it doubles with each.
  public let firstDelay: Seconds
  /// Wrong tries until the lock.
  public let lockAfter: Int
  /// The first lock; it doubles with each wrong try after it.
  public let firstLock: Seconds
  /// What the lock grows to.
  public let longestLock: Seconds

  /// - Precondition: 0 <= free <= lockAfter, 1 <= lockAfter, and no length is negative.
  public init(
    free: Int, firstDelay: Seconds, lockAfter: Int, firstLock: Seconds, longestLock: Seconds
  ) {
    precondition(free >= 0 && free <= lockAfter && lockAfter >= 1)
    precondition(min(firstDelay, firstLock, longestLock) >= Seconds(0))
    self.free = free
    self.firstDelay = firstDelay
    self.lockAfter = lockAfter
    self.firstLock = firstLock
    self.longestLock = longestLock
  }

  /// The wait after so many wrong tries in a row.
  public func wait(after failures: Int) -> Seconds {
    if failures <= free && failures < lockAfter { return Seconds(0) }
    if failures < lockAfter { return Self.doubled(firstDelay, failures - free - 1, firstLock) }
    return Self.doubled(firstLock, failures - lockAfter, longestLock)
  }

  private static func doubled(_ start: Seconds, _ times: Int, _ most: Seconds) -> Seconds {
    var length = start.rawValue
    for _ in 0..<times where length < most.rawValue { length *= 2 }
    return Seconds(min(length, most.rawValue))
  }
}

/// How long a person has to wait before the next try.
public struct Wait: Equatable, Sendable {
  /// The first moment at which a try is taken again.
  public let until: Seconds
  /// From the refusal to `until`.
  public let length: Seconds
  /// Whether this is the lock rather than one of the short waits before it.
  public let isLocked: Bool

  /// "40 seconds", "15 minutes", "2 hours"; rounded up, so that one who waits so long is let in.
  public var inWords: String {
    let seconds = length.rawValue
    let (count, unit) =
      switch seconds {
      case ..<120: (seconds, "second")
      case ..<7200: ((seconds + 59) / 60, "minute")
      default: ((seconds + 3599) / 3600, "hour")
      }
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}

extension Seconds {
  /// A time so many seconds later, or at the end of time.
  func later(by seconds: Int64) -> Seconds {
    let (sum, overflow) = rawValue.addingReportingOverflow(seconds)
    return Seconds(overflow ? (seconds < 0 ? .min : .max) : sum)
  }
}
