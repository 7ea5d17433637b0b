import Foundation
import Synchronization
import TokenCore
import TokenSimulator

/// A simulator that serves on a thread of its own, until it is stopped.
final class RunningServer: Sendable {
  let socket: String
  private let stopSwitch = Mutex<StopSwitch?>(nil)
  private let outcome = Mutex<(any Error)?>(nil)
  private let isReady = DispatchSemaphore(value: 0)
  private let isOver = DispatchSemaphore(value: 0)

  /// With a token of that image, or with one in memory.
  init(at socket: String, image: String? = nil, board: SimulatedBoard = .new()) throws {
    self.socket = socket
    Thread { [self] in
      do {
        let token =
          if let image {
            try LiveToken(image: TokenImage(opening: image))
          } else {
            LiveToken(board: board)
          }
        let server = try SimulatorServer(at: socket, token: token)
        let stop = server.stopSwitch
        stopSwitch.withLock { $0 = stop }
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

  func client() throws -> RawClient { try RawClient(socket) }

  func stop() throws {
    stopSwitch.withLock { $0 }?.stop()
    try waitForEnd()
  }

  /// Throws what ended it, if that was a failure.
  func waitForEnd() throws {
    isOver.wait()
    isOver.signal()
    if let error = outcome.withLock({ $0 }) { throw error }
  }
}
