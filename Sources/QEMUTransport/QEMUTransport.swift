import Glibc
import SerialFraming
import TokenClient
import TokenCore

/// A transport to a firmware image that runs in QEMU: `qemu:IMAGE`.
///
/// Opening it starts QEMU and is the token's power coming on; closing it ends QEMU and takes the power
/// away. The board has no battery, so the token's clock is lost in between; what it keeps in its flash is
/// taken over into the file `IMAGE.flash`, at closing. When this process is killed, QEMU ends as well,
/// and what the token stored since the opening is gone.
public final class QEMUTransport: TokenTransport {
  public let place: String
  /// Where the token's flash is between two openings; `nil` for one that lives as long as this object.
  public let storage: String?
  /// Why the token's flash could not be kept at the last `close()`.
  public private(set) var saveFailure: TransportFailure?

  /// Whether somebody presses the button whenever the token asks for it.
  public var isButtonPressedWhenAsked = false

  private let image: String
  private var running: Running?
  /// What the flash held at the last closing, when there is no file.
  private var kept: [UInt8]?

  /// QEMU and the file, while the transport is open.
  private final class Running {
    var board: Microbit
    let file: StorageFile?
    let port: Channel
    var reader = SerialFrameReader()
    /// Bytes that came and were not yet looked at, from `next` on.
    var received: ArraySlice<UInt8> = []
    /// Whether the button was pressed because the token asked.
    var isPressed = false

    init(_ board: consuming Microbit, _ file: consuming StorageFile?, place: String) {
      port = Channel(descriptor: board.process.port, place: place)
      self.board = board
      self.file = file
    }
  }

  /// - Parameters:
  ///   - image: an image of Firmware/Boards/Microbit, in ELF.
  ///   - keepsFlash: whether what the token stores outlives this object, in `IMAGE.flash`.
  public init(image: String, keepsFlash: Bool = true) {
    self.image = image
    place = "qemu:" + image
    storage = keepsFlash ? image + ".flash" : nil
  }

  deinit { close() }

  public func open() throws(TransportFailure) {
    close()
    guard access(image, R_OK) == 0 else {
      throw errno == EACCES ? .permissionDenied(place: place) : .notFound(place: place)
    }
    var file: StorageFile?
    var contents = kept
    if let storage {
      let opened = try StorageFile(storage, size: Microbit.storageSize, place: place)
      contents = try opened.contents()
      file = consume opened
    }
    let running = Running(try Microbit(image: image, place: place), file.take(), place: place)
    try running.board.powerUp(storage: contents)
    self.running = running
  }

  public func write(_ report: Report) throws(TransportFailure) {
    let running = try requireRunning()
    if running.isPressed {
      try running.board.setButton(isPressed: false)
      running.isPressed = false
    }
    let frame = SerialFrame(report)
    do throws(TransportFailure) {
      var bytes = frame.bytes
      var failure: TransportFailure?
      withUnsafeBytes(of: &bytes) { all in
        do throws(TransportFailure) {
          try running.port.send(UnsafeRawBufferPointer(rebasing: all[..<frame.count]))
        } catch { failure = error }
      }
      if let failure { throw failure }
    } catch {
      throw running.board.explain(error)
    }
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    let running = try requireRunning()
    while true {
      while let byte = running.received.popFirst() {
        guard running.reader.take(byte) else { continue }
        if let report = running.reader.report() {
          if isButtonPressedWhenAsked, report.asksForTouch, !running.isPressed {
            try running.board.setButton(isPressed: true)
            running.isPressed = true
          }
          return report
        }
        if let notice = running.reader.notice() { throw trapped(notice) }
      }
      guard try receive(running, before: deadline) else { return nil }
    }
  }

  public func close() {
    guard let running else { return }
    saveFailure = nil
    do throws(TransportFailure) {
      try save(running)
    } catch {
      saveFailure = error
    }
    self.running = nil
  }

  // MARK: Steps

  private func requireRunning() throws(TransportFailure) -> Running {
    guard let running else { throw .vanished(place: place) }
    return running
  }

  private func receive(
    _ running: Running, before deadline: Deadline
  ) throws(TransportFailure) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    var result: Result<Int, TransportFailure> = .success(0)
    bytes.withUnsafeMutableBytes { bytes in
      do throws(TransportFailure) {
        result = .success(try running.port.receive(into: bytes, before: deadline))
      } catch {
        result = .failure(running.board.explain(error))
      }
    }
    let count = try result.get()
    running.received = bytes[..<count]
    return count > 0
  }

  private func save(_ running: Running) throws(TransportFailure) {
    try running.board.halt()
    let bytes = try running.board.memory(
      at: Microbit.storageAddress, size: Microbit.storageSize)
    if running.file == nil { kept = bytes }
    try running.file?.replace(with: bytes)
  }

  private func trapped(_ notice: TrapNotice) -> TransportFailure {
    func hexadecimal(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
    return .unusable(
      place: place,
      reason: "its firmware trapped at \(hexadecimal(notice.address)), called from "
        + "\(hexadecimal(notice.caller)), and began anew")
  }
}

// MARK: - The machine from outside, for tests

extension QEMUTransport {
  /// Presses button A, or lets it go.
  public func setButton(isPressed: Bool) throws(TransportFailure) {
    try requireRunning().board.setButton(isPressed: isPressed)
  }

  /// Sends a break over the serial line, by which a host says that it is new there.
  public func sendBreak() throws(TransportFailure) {
    try requireRunning().board.sendBreak()
  }

  /// Whether the token's light is on.
  public func isLit() throws(TransportFailure) -> Bool {
    try requireRunning().board.isLit()
  }

  /// What the machine's memory holds.
  public func memory(at address: UInt32, size: Int) throws(TransportFailure) -> [UInt8] {
    try requireRunning().board.memory(at: address, size: size)
  }
}

extension Report {
  /// Whether this is the token's KEEPALIVE that asks for a press of its button.
  fileprivate var asksForTouch: Bool {
    bytes[4] == 0x80 | FramingCommand.keepAlive.rawValue
      && bytes[7] == KeepAliveStatus.touchNeeded.rawValue
  }
}
