import Foundation
import Synchronization
import TokenClient
import TokenCore
import TokenSimulator
import VirtualCard

/// A simulated token that is served on a thread of its own, at a socket and as a card.
final class CardServer: Sendable {
  let socket: String
  private let folder: String
  private let stopSwitch = Mutex<StopSwitch?>(nil)
  private let outcome = Mutex<(any Error)?>(nil)
  private let isReady = DispatchSemaphore(value: 0)
  private let isOver = DispatchSemaphore(value: 0)
  private let events = Mutex<[ReaderEvent]>([])

  /// A token in memory, or that of an image file in the server's folder.
  init(
    port: UInt16, button: Button.Mode = .automatic, hasImage: Bool = false
  ) throws {
    var template = Array("\(NSTemporaryDirectory())/watchfob-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    socket = folder + "/token"
    var board = SimulatedBoard.new()
    board.button.mode = button
    if hasImage { try TokenImage.create(at: image, board: board) }
    let isInMemory = !hasImage
    Thread { [self, board] in
      do {
        let token =
          isInMemory ? LiveToken(board: board) : try LiveToken(image: TokenImage(opening: image))
        var server = try SimulatorServer(at: socket, token: token)
        let stop = server.stopSwitch
        stopSwitch.withLock { $0 = stop }
        let reader = try ReaderAddress(port: port)
        server.attach(
          VirtualCard(reader: reader, retryInterval: 10) { event in
            self.events.withLock { $0.append(event) }
          })
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

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  var image: String { folder + "/image" }

  var control: SimulatorControl { SimulatorControl(.server(socket: socket)) }

  func session() throws -> TokenSession {
    try TokenSession(over: UnixSocketTransport(path: socket))
  }

  /// What the card said of its reader so far.
  var reports: [ReaderEvent] { events.withLock { $0 } }

  /// Waits until the token wants its button pressed.
  func waitForTouch() throws {
    while try control.perform(.status).indication != .wantsTouch { usleep(1_000) }
  }

  /// Throws what ended it, if that was a failure.
  func stop() throws {
    stopSwitch.withLock { $0 }?.stop()
    isOver.wait()
    if let error = outcome.withLock({ $0 }) { throw error }
  }
}
