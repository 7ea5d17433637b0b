import OATH

/// The numbers the console's rules are made of. The defaults are what a real console should use;
/// tests and the demo change what they need.
public struct Policy: Sendable {
  /// Who issues the keys: the issuer in otpauth URIs.
  public var issuer = "Watchfob Console"

  /// Characters of the shortest password that is taken. NIST SP 800-63B asks for 8 at least.
  public var shortestPassword = 12
  /// Characters of the longest new password that is taken (ASVS 4.0.3, 2.1.2). libcrypt's own limit of
  /// 511 bytes stands besides.
  public var longestPassword = 128
  /// yescrypt's cost for passwords and backup codes, 1 to 11 (see `PasswordHash`). 6 takes 32 MiB
  /// and about 50 ms, twice what Debian itself uses.
  public var hashCost = 6

  /// Of new keys. SHA-1 and 6 digits are what every token understands; a key has as many bytes as
  /// the algorithm's digest (RFC 4226, R6, asks for 16 and recommends 20).
  public var algorithm = HashAlgorithm.sha1
  /// 6 to 8: a backup code has ten characters, and the two share a field.
  public var digits = Digits.six
  /// Seconds a code is shown for.
  public var period = Seconds(30)
  /// Steps on either side of where a token's clock is believed to be that are still accepted.
  public var tolerance = 1
  /// The most steps, ahead or behind, that a token's clock is followed to (RFC 6238, section 6).
  /// 120 are an hour: what a crystal that is 19 ppm off drifts in five years.
  public var driftLimit = 120
  /// Without a login for this long, one step more is accepted on either side; and again.
  public var wideningPeriod = Seconds(30 * 24 * 3600)
  /// Where that ends, in steps on either side.
  public var widestTolerance = 4
  /// How many steps ahead a clock is found again by two codes in a row; behind, half as many.
  public var resynchronisation = 20

  /// From the password to the code.
  public var ticketLifetime = Seconds(5 * 60)
  /// From the login to the next one.
  public var sessionLifetime = Seconds(8 * 3600)
  /// A session that was not used for so long ends. At least `ticketLifetime`.
  public var idleLifetime = Seconds(30 * 60)
  /// How long a login, or `reauthenticate`, is proof enough for changing MFA or the password.
  public var reauthenticationWindow = Seconds(10 * 60)
  /// From the showing of a new key to its first code.
  public var enrolmentLifetime = Seconds(30 * 60)

  /// Wrong passwords. The lock stays short, because anybody who knows the e-mail address can cause
  /// it.
  public var passwordTries = TryLimit(
    free: 3, firstDelay: Seconds(5), lockAfter: 10, firstLock: Seconds(15 * 60),
    longestLock: Seconds(15 * 60))
  /// Wrong codes, after a right password. The lock grows: who is here without the token has the
  /// password. With six digits and three steps accepted, 15 tries fit into the first day, a
  /// chance of 1 in 22,000; then one a day.
  public var codeTries = TryLimit(
    free: 3, firstDelay: Seconds(5), lockAfter: 10, firstLock: Seconds(3600),
    longestLock: Seconds(24 * 3600))

  /// Wrong passwords and codes from one network address, whatever the accounts; more than one
  /// person may sit behind it.
  public var addressTries = TryLimit(
    free: 30, firstDelay: Seconds(5), lockAfter: 100, firstLock: Seconds(15 * 60),
    longestLock: Seconds(3600))
  /// Accounts made from one network address; forgotten a day after the last.
  public var signUpTries = TryLimit(
    free: 20, firstDelay: Seconds(60), lockAfter: 50, firstLock: Seconds(3600),
    longestLock: Seconds(24 * 3600))

  /// From the approval of a recovery case to MFA being turned off; 0 for at once.
  public var recoveryWait = Seconds(24 * 3600)
  /// From then on, how long the person has to come back before the approval lapses: it would let in
  /// whoever has the password alone.
  public var recoveryPatience = Seconds(14 * 24 * 3600)
  /// Bytes of the largest document that is taken for a recovery case; one has at most as many
  /// documents as there are `RecoveryItem`s.
  public var largestDocument = 5 << 20

  public init() {}

  /// The rules by which a token's clock is followed.
  public var tokenClock: TokenClock.Rules {
    TokenClock.Rules(
      tolerance: tolerance,
      wideningSteps: max(1, Int(wideningPeriod.rawValue / max(1, period.rawValue))),
      widestTolerance: max(tolerance, widestTolerance), resynchronisation: resynchronisation,
      driftLimit: driftLimit)
  }

  /// Stops the program if a number is out of its range.
  func validate() {
    precondition(shortestPassword >= 8)
    precondition((64...128).contains(longestPassword))
    precondition(PasswordHash.costs.contains(hashCost))
    precondition(digits.rawValue <= 8)
    precondition(recoveryWait >= Seconds(0) && recoveryPatience >= Seconds(0))
    precondition(period.rawValue >= 1)
    precondition(idleLifetime >= ticketLifetime)
    precondition((1...(64 << 20)).contains(largestDocument))
    precondition((0...10).contains(tolerance))
    precondition((0...1000).contains(driftLimit))
    precondition(wideningPeriod >= period)
    precondition((0...20).contains(widestTolerance))
    precondition((0...100).contains(resynchronisation))
  }
}
