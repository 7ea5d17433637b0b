import Glibc
import TokenClient
import TokenCore

/// A transport to firmware for a Raspberry Pi Pico that runs in the emulator, within this process.
///
/// Opening it puts the image into the emulated flash, plugs the Pico in, and enumerates it as a host
/// does; closing it pulls it out. Everything beside the image stays in a file of flash.
///
/// It is strict: when the firmware has broken a rule of the data sheet, the transport is unusable, and
/// says which.
public final class PicoTransport: TokenTransport {
  /// Where the content of the flash is kept.
  public enum Storage: Sendable {
    /// In this file, which is made if it is missing.
    case file(String)
    /// In memory, as long as the transport lives.
    case memory
  }

  public let place: String
  private let image: String
  private let storage: Storage
  private let pace: Pace
  /// May be changed at any time.
  public var finger: Finger
  private let seed: UInt64
  private var connection: Connection?
  /// What `Storage.memory` keeps while the transport is closed.
  private var kept: [UInt8]?

  private struct Connection {
    let pico: Pico
    let file: FlashFile?
    let pacemaker: Pacemaker
    let enumerated: Nanoseconds
    /// Numbers of endpoints.
    let input: Int
    let output: Int
  }

  private static let frame = Nanoseconds.milliseconds(1)

  /// - Parameters:
  ///   - image: a file of ELF, UF2 or plain bytes.
  ///   - storage: by default the file of that name with `.flash` behind it.
  ///   - seed: of the random bits; another one each time if it is `nil`.
  ///   - place: what a person wrote to choose this token.
  public init(
    image: String, storage: Storage? = nil, pace: Pace = .realTime, finger: Finger = .tapping,
    seed: UInt64? = nil, place: String? = nil
  ) {
    self.image = image
    self.storage = storage ?? .file(image + ".flash")
    self.pace = pace
    self.finger = finger
    self.seed = seed ?? UInt64.random(in: 0 ... .max)
    self.place = place ?? "pico-emulated:\(image)"
  }

  deinit {
    close()
  }

  /// The emulated Pico, while the transport is open.
  public var pico: Pico? { connection?.pico }

  // MARK: The transport

  public func open() throws(TransportFailure) {
    guard connection == nil else { return }
    let firmware = try readImage()
    guard Pico.isAvailable else {
      throw .unusable(
        place: place, reason: "libunicorn is not installed; on Debian it is libunicorn2")
    }
    let pico = Pico(Pico.Identity(seed: seed))
    let file = try openStorage(for: pico)
    pico.install(firmware)
    pico.powerOn()
    let device: EnumeratedDevice
    do throws(EnumerationFailure) {
      device = try pico.usb.enumerate(within: .seconds(5))
    } catch {
      throw unusable(pico, "its firmware was not enumerated: \(error)")
    }
    guard let input = device.interruptInput, let output = device.interruptOutput else {
      throw unusable(pico, "its firmware has no interrupt endpoint in each direction")
    }
    connection = Connection(
      pico: pico, file: file, pacemaker: Pacemaker(pace, pico: pico.now), enumerated: pico.now,
      input: input, output: output)
    try check()
  }

  public func write(_ report: Report) throws(TransportFailure) {
    let connection = try requireConnection()
    catchUp(connection)
    do throws(TransferFailure) {
      let bytes = report.bytes.indices.map { report.bytes[$0] }
      try connection.pico.usb.write(bytes, to: connection.output, within: .seconds(2))
    } catch {
      throw failure(connection, error)
    }
    try check()
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    let connection = try requireConnection()
    while true {
      catchUp(connection)
      let packet: [UInt8]?
      do throws(TransferFailure) {
        packet = try connection.pico.usb.poll(connection.input)
      } catch {
        throw failure(connection, error)
      }
      try check()
      if let packet {
        guard packet.count == Report.size else {
          throw unusable(connection.pico, "it sent a report of \(packet.count) bytes")
        }
        var report = Report()
        for (index, byte) in packet.enumerated() { report.bytes[index] = byte }
        return report
      }
      guard !deadline.hasPassed else { return nil }
      wait(connection, deadline)
    }
  }

  public func close() {
    guard let connection else { return }
    connection.pico.powerOff()
    // Somebody may still look at the Pico; the file is for the next one.
    connection.pico.releaseFlashFile()
    if case .memory = storage { kept = connection.pico.flashBytes(0..<Pico.flashSize) }
    self.connection = nil
  }

  // MARK: Opening

  private func readImage() throws(TransportFailure) -> FirmwareImage {
    do throws(FirmwareImage.Failure) {
      return try FirmwareImage(file: image)
    } catch {
      switch error {
      case .unreadable(ENOENT), .unreadable(ENOTDIR): throw .notFound(place: place)
      case .unreadable(EACCES): throw .permissionDenied(place: place)
      default: throw .unusable(place: place, reason: error.description)
      }
    }
  }

  private func openStorage(for pico: Pico) throws(TransportFailure) -> FlashFile? {
    guard case .file(let path) = storage else {
      if let kept { pico.setFlashBytes(kept, at: 0) }
      return nil
    }
    do throws(FlashFile.Failure) {
      let file = try FlashFile(opening: path)
      try pico.keepFlash(in: file)
      return file
    } catch {
      throw TransportFailure(error, place: place, path: path)
    }
  }

  // MARK: Time

  /// Lets the Pico run towards where this machine's time is. On a machine that is slower than a Pico,
  /// that is never reached; so there is a bound.
  private func catchUp(_ connection: Connection) {
    guard let target = connection.pacemaker.target else { return }
    let end = Deadline(in: .milliseconds(250))
    while connection.pico.now < target, connection.pico.state != .off, !end.hasPassed {
      run(connection, until: min(target, connection.pico.now + Self.frame))
    }
  }

  /// Lets one frame pass.
  private func wait(_ connection: Connection, _ deadline: Deadline) {
    guard connection.pacemaker.pace == .realTime else {
      run(connection, until: connection.pico.now + Self.frame)
      return
    }
    usleep(useconds_t(min(deadline.remainingNanoseconds, Self.frame.rawValue) / 1_000 + 1))
  }

  private func run(_ connection: Connection, until moment: Nanoseconds) {
    let pico = connection.pico
    pico.isBootselPressed = finger.isDown(at: pico.now - connection.enumerated)
    pico.run(until: moment)
  }

  // MARK: Failures

  private func requireConnection() throws(TransportFailure) -> Connection {
    guard let connection else { throw .vanished(place: place) }
    return connection
  }

  private func check() throws(TransportFailure) {
    guard let connection else { return }
    if let violation = connection.pico.violations.first {
      throw .unusable(place: place, reason: "its firmware broke a rule: \(violation)")
    }
    if let file = connection.file, let failure = file.failure {
      throw TransportFailure(failure, place: place, path: file.path)
    }
  }

  private func failure(_ connection: Connection, _ failure: TransferFailure) -> TransportFailure {
    guard connection.pico.state == .running else { return .vanished(place: place) }
    return unusable(connection.pico, "a transfer over USB failed: \(failure)")
  }

  /// What broke first is more of a reason than what came of it.
  private func unusable(_ pico: Pico, _ reason: String) -> TransportFailure {
    .unusable(
      place: place,
      reason: pico.violations.first.map { "its firmware broke a rule: \($0)" } ?? reason)
  }
}

extension TransportFailure {
  fileprivate init(_ failure: FlashFile.Failure, place: String, path: String) {
    self =
      switch failure {
      case .inUse: .inUse(place: place)
      case .permissionDenied: .permissionDenied(place: path)
      case .unusable(let reason): .unusable(place: path, reason: reason)
      case .system(let operation, let error):
        .system(place: path, operation: operation, error: error)
      }
  }
}
