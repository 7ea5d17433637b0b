import TokenCore

/// A simulated token that lives: time passes for it as it does for this machine, and what it
/// remembers is kept in its image file.
///
/// Without a file it lives in memory alone, and its time passes by hand if so wished.
public struct LiveToken: ~Copyable {
  private var token: SimulatedToken
  private var image: TokenImage?
  private var driver: RealTimeDriver?

  /// The token of an image file, which goes on from where it was.
  public init(image: consuming TokenImage, plugged: Bool = true) throws(ImageFailure) {
    driver = RealTimeDriver()
    let board = try image.readBoard()
    // Names this process in the header, for those who find the file locked.
    try image.save(board, [])
    self.image = consume image
    token = SimulatedToken(board: board, plugged: false)
    token.recordFlashChanges()
    if plugged { token.plug() }
  }

  /// A token in memory.
  ///
  /// - Parameter realTime: whether time passes by itself; else it does by `advance(by:)` alone.
  public init(board: SimulatedBoard, plugged: Bool = true, realTime: Bool = true) {
    driver = realTime ? RealTimeDriver() : nil
    image = nil
    token = SimulatedToken(board: board, plugged: plugged)
  }

  public var isPlugged: Bool { token.isPlugged }
  public var isWaiting: Bool { token.isWaiting }
  public var wantsTouch: Bool { token.wantsTouch }
  /// A copy of the board as it was when the token last did something.
  public var board: SimulatedBoard { token.board }

  // MARK: The wire

  public mutating func receive(_ report: Report) {
    catchUp()
    token.receive(report)
  }

  public mutating func poll() {
    catchUp()
    token.poll()
  }

  /// The next report for the host, if there is one. What the token had to remember for it is in the
  /// file when this returns.
  public mutating func nextReport() throws(ImageFailure) -> Report? {
    let report = token.nextReport()
    try saveFlash()
    return report
  }

  /// The bus was reset, suspended or configured anew, or its host has gone, while the token kept its
  /// power: it forgets what was proved to it there.
  public mutating func busChanged() {
    catchUp()
    token.busChanged()
  }

  // MARK: The card's door

  /// Takes a command APDU; see `SimulatedToken.receive(apdu:)`.
  public mutating func receive(apdu: [UInt8]) -> Bool {
    catchUp()
    return token.receive(apdu: apdu)
  }

  /// The answer to the command APDU, or the next piece of it, if there is one. What the token had to
  /// remember for it is in the file when this returns.
  public mutating func nextCardResponse() throws(ImageFailure) -> [UInt8]? {
    let response = token.nextCardResponse()
    try saveFlash()
    return response
  }

  public mutating func resetCard() {
    token.resetCard()
  }

  // MARK: The world around it

  /// Lets time pass for the token alone.
  public mutating func advance(by time: TrueTicks, celsius: Int = 25) {
    token.advance(by: time, celsius: celsius)
  }

  public mutating func press() {
    catchUp()
    token.press()
  }

  public mutating func plug() throws(ImageFailure) {
    catchUp()
    token.plug()
    try save()
  }

  public mutating func unplug() throws(ImageFailure) {
    catchUp()
    token.unplug()
    try save()
  }

  public mutating func setBattery(present: Bool) throws(ImageFailure) {
    catchUp()
    token.setBattery(present: present)
    try save()
  }

  public mutating func setButton(_ mode: Button.Mode) throws(ImageFailure) {
    token.setButton(mode)
    try save()
  }

  /// Writes the token as it is now to a new file. It may hold secrets, and is this user's alone.
  public mutating func snapshot(to path: String) throws(ImageFailure) {
    catchUp()
    try TokenImage.create(at: path, board: token.board)
  }

  /// Puts everything back as a snapshot of this token has it. Its clock goes on from there by the
  /// time that passed since, as that of an image file does.
  public mutating func restore(from path: String) throws(ImageFailure) {
    var board = try TokenImage(opening: path, forReading: true).readBoard()
    let expected = token.board.serialNumber
    guard board.serialNumber == expected else {
      throw .otherToken(path: path, found: board.serialNumber, expected: expected)
    }
    board.entropy = token.board.entropy
    try image?.replace(with: board)
    token.restore(board)
    if image != nil { token.recordFlashChanges() }
    try saveFlash()
  }

  // MARK: The file

  /// Writes down where the clock is, and what the flash went through.
  public mutating func save() throws(ImageFailure) {
    catchUp()
    let changes = token.takeFlashChanges()
    try image?.save(token.board, changes)
  }

  /// Pulls the token off its cable, and lets go of its file.
  public consuming func close() throws(ImageFailure) {
    catchUp()
    token.unplug()
    let changes = token.takeFlashChanges()
    let board = token.board
    guard let image = image.take() else { return }
    try image.close(board, changes)
  }

  private mutating func saveFlash() throws(ImageFailure) {
    let changes = token.takeFlashChanges()
    guard !changes.isEmpty else { return }
    try image?.save(token.board, changes)
  }

  private mutating func catchUp() {
    guard let time = driver?.elapsed() else { return }
    token.advance(by: time)
  }
}
