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
  /// No two times that it is plugged in have the same random bits.
  private var openCount: UInt64 = 0
  private var connection: Connection?
  /// What `Storage.memory` keeps while the transport is closed.
  private var kept: [UInt8]?

  private struct Connection {
    let stick: PluggedPico
    let pacemaker: Pacemaker
    /// Numbers of endpoints.
    let input: Int
    let output: Int
    var pico: Pico { stick.pico }
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
    openCount += 1
    let stick = try PluggedPico(
      image: image, storage, kept: kept, seed: seed &+ openCount, place: place)
    guard let input = stick.device.interruptInput, let output = stick.device.interruptOutput else {
      throw stick.unusable("its firmware has no interrupt endpoint in each direction")
    }
    connection = Connection(
      stick: stick, pacemaker: Pacemaker(pace, pico: stick.pico.now), input: input, output: output)
  }

  public func write(_ report: Report) throws(TransportFailure) {
    let connection = try requireConnection()
    catchUp(connection)
    do throws(TransferFailure) {
      let bytes = report.bytes.indices.map { report.bytes[$0] }
      try connection.pico.usb.write(bytes, to: connection.output, within: .seconds(2))
    } catch {
      throw connection.stick.failure(error)
    }
    try connection.stick.check()
  }

  public func read(before deadline: Deadline) throws(TransportFailure) -> Report? {
    let connection = try requireConnection()
    while true {
      catchUp(connection)
      let packet: [UInt8]?
      do throws(TransferFailure) {
        packet = try connection.pico.usb.poll(connection.input)
      } catch {
        throw connection.stick.failure(error)
      }
      try connection.stick.check()
      if let packet {
        guard packet.count == Report.size else {
          throw connection.stick.unusable("it sent a report of \(packet.count) bytes")
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
    let flash = connection.stick.pullOut()
    if case .memory = storage { kept = flash }
    self.connection = nil
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
    pico.isBootselPressed = finger.isDown(at: pico.now - connection.stick.beginning)
    pico.run(until: moment)
  }

  private func requireConnection() throws(TransportFailure) -> Connection {
    guard let connection else { throw .vanished(place: place) }
    return connection
  }
}
