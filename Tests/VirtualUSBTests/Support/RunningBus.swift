import Foundation
import Synchronization
import TokenCore
import TokenSimulator
import VirtualUSB

/// A token in memory whose server has a USB face, on a thread of its own until it is stopped.
final class RunningBus: Sendable {
  let socket: String
  private let stopSwitch = Mutex<StopSwitch?>(nil)
  private let outcome = Mutex<(any Error)?>(nil)
  private let seen = Mutex<[BusEvent]>([])
  private let isReady = DispatchSemaphore(value: 0)
  private let isOver = DispatchSemaphore(value: 0)

  /// What a face is made with.
  struct Setting {
    let identity: USBIdentity
    let onEvent: (BusEvent) -> Void
  }

  /// - Parameter face: called on the server's thread, before it runs.
  init(
    in folder: TemporaryFolder, board: SimulatedBoard = .new(),
    face: @escaping @Sendable (Setting) throws -> any TokenAttachment
  ) throws {
    socket = folder.file("token")
    Thread { [self] in
      do {
        var server = try SimulatorServer(at: socket, token: LiveToken(board: board))
        let stop = server.stopSwitch
        stopSwitch.withLock { $0 = stop }
        let setting = Setting(identity: USBIdentity(serialNumber: board.serialNumber)) { event in
          self.seen.withLock { $0.append(event) }
        }
        server.attach(try face(setting))
        isReady.signal()
        try server.run()
      } catch {
        outcome.withLock { $0 = error }
      }
      isReady.signal()
      isOver.signal()
    }.start()
    isReady.wait()
    if let error = outcome.withLock({ $0 }) { throw error }
  }

  var control: SimulatorControl { SimulatorControl(.server(socket: socket)) }

  /// What happened at the face so far.
  var events: [BusEvent] { seen.withLock { $0 } }

  /// Whether `event` happens, within 20 s.
  func sees(_ event: BusEvent) -> Bool {
    for _ in 0..<4_000 {
      if events.contains(event) { return true }
      usleep(5_000)
    }
    return false
  }

  func stop() throws {
    stopSwitch.withLock { $0 }?.stop()
    isOver.wait()
    isOver.signal()
    if let error = outcome.withLock({ $0 }) { throw error }
  }
}

/// Where USB/IP listens, once it does.
final class FoundPort: Sendable {
  private let port = Mutex<UInt16>(0)
  func set(_ value: UInt16) { port.withLock { $0 = value } }
  var value: UInt16 { port.withLock { $0 } }
}

extension RunningBus {
  /// With USB/IP at a port that is free.
  static func usbip(
    in folder: TemporaryFolder, board: SimulatedBoard = .new(), recording: String? = nil
  ) throws -> (RunningBus, port: UInt16) {
    let port = FoundPort()
    let bus = try RunningBus(in: folder, board: board) { setting in
      let server = try USBIPServer(
        port: 0, identity: setting.identity,
        recorder: try recording.map { try USBRecorder(at: $0) }, onEvent: setting.onEvent)
      port.set(server.port)
      return server
    }
    return (bus, port.value)
  }

  /// With usbredir that listens at `redir` in the folder.
  static func usbredir(
    in folder: TemporaryFolder, board: SimulatedBoard = .new()
  ) throws -> RunningBus {
    let path = folder.file("redir")
    return try RunningBus(in: folder, board: board) { setting in
      try USBRedirServer(
        .listening(at: path), identity: setting.identity, onEvent: setting.onEvent)
    }
  }
}
