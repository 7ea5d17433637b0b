/// The instructions of the applet: the second byte of a command APDU, whose first is 0.
///
/// `0x01 ... 0x05` and `0xA1 ... 0xA5` are YKOATH's, `0xB2 ... 0xB4` those that Nitrokey's secrets
/// app added to it. `0x50 ... 0x5F` are the token's own: ISO/IEC 7816-4 gives no meaning to that
/// range in the interindustry class. Docs/protocol.md has every byte of each.
public enum Instruction: UInt8, Sendable {
  case put = 0x01
  case delete = 0x02
  case setCode = 0x03
  case reset = 0x04
  case rename = 0x05
  case list = 0xA1
  case calculate = 0xA2
  case validate = 0xA3
  /// With P1 = 4: SELECT. With P1 = 0: CALCULATE ALL, as YKOATH numbers it.
  case selectOrCalculateAll = 0xA4
  case sendRemaining = 0xA5

  case verifyPIN = 0xB2
  case changePIN = 0xB3
  case setPIN = 0xB4

  case clockStatus = 0x50
  case clockSync = 0x51
  case clockSet = 0x52
  case setClockPolicy = 0x53
  case stage = 0x54
  case commit = 0x55
  case rollBack = 0x56
  case calculateStaged = 0x57
  case storeRecoveryCodes = 0x58
  case takeRecoveryCode = 0x59
  case countRecoveryCodes = 0x5A
  /// A number for one command's own proof.
  case nonce = 0x5B
  case information = 0x5C

  /// Whether codes of the present time come of it.
  var computesCodes: Bool {
    switch self {
    case .calculate, .selectOrCalculateAll, .calculateStaged: true
    default: false
    }
  }
}
