/// The instructions of the applet: the second byte of a command APDU, whose first is 0.
///
/// `0x01 ... 0x05` and `0xA1 ... 0xA5` are YKOATH's, `0xB2 ... 0xB4` those that Nitrokey's secrets
/// app added to it; `0xC0` on are the token's own. Docs/protocol.md
/// has every byte of each.
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

  case clockStatus = 0xC0
  case clockSync = 0xC1
  case clockSet = 0xC2
  case setClockPolicy = 0xC3
  case stage = 0xC4
  case commit = 0xC5
  case rollBack = 0xC6
  case calculateStaged = 0xC7
  case storeRecoveryCodes = 0xC8
  case takeRecoveryCode = 0xC9
  case countRecoveryCodes = 0xCA
  case information = 0xCC

  /// Whether codes of the present time come of it.
  var computesCodes: Bool {
    switch self {
    case .calculate, .selectOrCalculateAll, .calculateStaged: true
    default: false
    }
  }
}
