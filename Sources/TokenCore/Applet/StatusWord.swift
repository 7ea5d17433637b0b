/// The two bytes that tell a command's outcome (ISO/IEC 7816-4, 5.1.3, as YKOATH uses them).
///
/// Those from `0x69F0` on are the token's own.
public enum StatusWord: UInt16, Error, Sendable {
  case success = 0x9000
  /// The person cancelled while the token waited for its button; nothing changed.
  case cancelled = 0x6400
  /// That is not the PIN; a try is spent.
  case wrongPIN = 0x6300
  case memoryFailure = 0x6581
  case wrongLength = 0x6700
  /// An access key or a PIN is set, and neither this channel nor the command has proved that it
  /// knows it; or no touch came; or, to a client that knows only YKOATH, the clock gives no code now.
  case securityStatusNotSatisfied = 0x6982
  /// No try of the PIN is left; RESET is the way out.
  case pinBlocked = 0x6983
  /// No credential of that name, or no recovery code left.
  case noSuchObject = 0x6984
  /// Nothing is staged, or there is nothing to continue; there is no nonce that is still good; or
  /// there is a PIN already, or none.
  case conditionsNotSatisfied = 0x6985
  /// A malformed field, or a wrong response to a challenge.
  case wrongData = 0x6A80
  case applicationNotFound = 0x6A82
  /// No room for it in the store, or for the response in a message.
  case noSpace = 0x6A84
  case wrongParameters = 0x6A86
  case nameExists = 0x6A89
  case unknownInstruction = 0x6D00
  case unknownClass = 0x6E00
  /// The entropy source failed its health test.
  case entropyFailure = 0x6F10

  /// The clock was never set.
  case clockUnset = 0x69F0
  /// The clock's bound on its own error no longer fits half a step.
  case clockUncertain = 0x69F1
  /// The host's step is neither the token's own nor a neighbour of it.
  case stepRefused = 0x69F2
  /// The correction is more than the crystal explains, and was not authenticated.
  case syncOutOfBounds = 0x69F3
  /// Setting the clock freely takes an access key, and none is set.
  case noAccessKey = 0x69F4
  /// A clock that was lost is not set to before the last time that it is known to have had.
  case timeBeforeLast = 0x69F5

  /// The clock was set and has lost its count since.
  case clockLost = 0x69F6

  /// `0x6100 | n`: n more bytes wait for SEND REMAINING (0: 256 or more). Not a case, because it
  /// carries a number.
  public static let moreDataPrefix: UInt8 = 0x61
}
