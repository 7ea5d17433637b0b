import Foundation

/// A simulated token that runs, and that a console shows beside its pages.
final class TokenBench {
  /// At that token.
  let fob: Fob
  private let simulator: Leash

  /// Starts the token, and the scene's console anew, with it.
  init(_ scene: Scene) throws {
    let room = scene.console.room
    let socket = room.folder + "/run/token"
    let token = "unix:" + socket
    simulator = try Leash(
      [Shell.products + "/fob", "sim", "run", "--memory", "--socket", socket],
      environment: room.environment)
    _ = try simulator.line("the token's place") { $0 == "FOB_TOKEN=\(token)" ? token : nil }
    fob = Fob(room, choosing: token)
    try scene.console.restart("--token", token)
  }
}
