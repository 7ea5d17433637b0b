import Glibc
import Loopback
import OATH
import RelyingParty
import TokenClient
import TokenCore
import TokenSimulator

/// What the demo plays in: a console, a token, and a clock on the wall that both could see.
final class DemoWorld {
  static let password = "four plain words here"

  let console: RelyingParty
  let transport: LoopbackTransport
  private(set) var session: TokenSession
  /// Where the console's file and the pictures are; removed at the end.
  let folder: String
  private let wall: Wall

  var now: Seconds { wall.now }

  /// The time on the wall, in seconds; moved on by hand.
  final class Wall {
    var now: Seconds

    init(_ now: Seconds) {
      self.now = now
    }
  }

  init(_ terminal: Console) throws(FobError) {
    folder = try Self.makeFolder()
    let wall = Wall(Seconds(HostClock.now.seconds))
    self.wall = wall
    transport = LoopbackTransport(.memory(.new(), .byHand), place: "the demo's token")
    do throws(Refusal) {
      console = try RelyingParty(opening: folder + "/console.sqlite", clock: { wall.now })
    } catch {
      throw FobError(.failed, "The demo's console cannot start: \(error)")
    }
    do throws(TokenFailure) {
      session = try TokenSession(over: transport)
    } catch {
      throw FobError(error)
    }
  }

  private static func makeFolder() throws(FobError) -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/fob-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw FobError(.failed, "No temporary folder can be made in \(parent): \(reason(errno)).")
    }
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  /// Takes everything away again.
  func leave() {
    session.close()
    for name in [
      "console.sqlite", "console.sqlite-wal", "console.sqlite-shm", "console.sqlite.key",
      "code.png",
    ] {
      unlink("\(folder)/\(name)")
    }
    rmdir(folder)
  }

  /// Half a minute or more passes, for the wall and for the token alike.
  func pass(seconds: Int64) {
    wall.now = Seconds(wall.now.rawValue + seconds)
    transport.advance(by: Microseconds(seconds * 1_000_000))
  }

  /// The cable comes out, and goes in again.
  func replug() throws(DemoFailure) {
    session.close()
    do throws(TokenFailure) {
      session = try TokenSession(over: transport)
    } catch {
      throw .token(error)
    }
  }

  // MARK: The two sides

  /// Has the console do something that it is expected to do.
  func ask<Result>(
    _ body: (RelyingParty) throws(Refusal) -> Result
  ) throws(DemoFailure) -> Result {
    do throws(Refusal) {
      return try body(console)
    } catch {
      throw .console(error)
    }
  }

  /// Has the console do something that it is expected to refuse.
  func refusal<Result>(
    _ body: (RelyingParty) throws(Refusal) -> Result
  ) throws(DemoFailure) -> Refusal {
    do throws(Refusal) {
      _ = try body(console)
    } catch {
      return error
    }
    throw .other("the console did not refuse what it has to refuse")
  }

  /// Has the token do something that it is expected to do.
  func use<Result>(
    _ body: (TokenSession) throws(TokenFailure) -> Result
  ) throws(DemoFailure) -> Result {
    do throws(TokenFailure) {
      return try body(session)
    } catch {
      throw .token(error)
    }
  }

  /// Has the token do something that it is expected to refuse.
  func failure<Result>(
    _ body: (TokenSession) throws(TokenFailure) -> Result
  ) throws(DemoFailure) -> TokenFailure {
    do throws(TokenFailure) {
      _ = try body(session)
    } catch {
      return error
    }
    throw .other("the token did not refuse what it has to refuse")
  }
}
