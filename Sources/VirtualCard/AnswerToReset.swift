/// What the card says first when it gets power (ISO/IEC 7816-3, 8.2).
enum AnswerToReset {
  private static let initialByte: UInt8 = 0x3B
  /// TD1 follows, and as many historical bytes as the low half says. No interface byte before TD1:
  /// TA1 ... TC1 would tell of a chip with contacts, and ykman takes a card with all four for a USB
  /// stick of its own maker.
  private static let format = 0x80 | UInt8(historical.count)
  /// T=0 is offered, and TD2 follows.
  private static let td1: UInt8 = 0x80
  /// T=1 is offered, and nothing follows.
  private static let td2: UInt8 = 0x01
  private static let historical = Array("TOTP1".utf8)

  /// All of it: 10 bytes. The last one is the check byte, which makes the exclusive or of all after
  /// the first zero.
  static let bytes: [UInt8] = {
    let checked = [format, td1, td2] + historical
    return [initialByte] + checked + [checked.reduce(0, ^)]
  }()
}
