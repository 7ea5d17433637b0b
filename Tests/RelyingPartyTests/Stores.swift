import Foundation
import Synchronization
import Testing

@testable import RelyingParty

/// Where a test's console keeps everything.
enum Store: String, CaseIterable {
  case sqlite
  case postgresql

  /// That of the test that runs.
  @TaskLocal static var current = Store.sqlite

  /// Both, unless the environment's WATCHFOB_STORE names one.
  static let tested: [Store] =
    ProcessInfo.processInfo.environment["WATCHFOB_STORE"].map { name in
      [Store(rawValue: name) ?? { preconditionFailure("WATCHFOB_STORE is sqlite or postgresql") }()]
    } ?? allCases
}

/// Runs a test, or each of a suite, on every kind of store.
struct OnEachStore: TestTrait, SuiteTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // A suite's own scope is entered once; its tests each have theirs.
    if test.isSuite { return try await function() }
    for store in Store.tested {
      await Store.$current.withValue(store) {
        do { try await function() } catch {
          Issue.record(error, "on \(store.rawValue); repeat with: WATCHFOB_STORE=\(store.rawValue)")
        }
      }
    }
  }
}

extension Trait where Self == OnEachStore {
  static var onEachStore: OnEachStore { OnEachStore() }
}

/// The PostgreSQL server of this run of the tests: started at the first use, and ended by the end of
/// this process, which closes the pipe that it watches.
enum ScratchServer {
  /// The folder with its socket.
  static let folder: String? = {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../HostTools/scratch-postgresql").standardizedFileURL
    let process = Process()
    process.executableURL = script
    process.arguments = ["fsync=off", "synchronous_commit=off"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch { return nil }
    keptOpen = input.fileHandleForWriting
    let line = output.fileHandleForReading.availableData
    let folder = String(decoding: line, as: UTF8.self).split(separator: "\n").first
    guard let folder = folder.map(String.init) else { return nil }
    // All at once: a program started for each takes longer than the schema.
    let made = run(
      """
      DO $$ BEGIN FOR i IN 1..\(schemas) LOOP EXECUTE 'CREATE SCHEMA console' || i; END LOOP; END $$
      """, in: folder)
    return made ? folder : nil
  }()

  private nonisolated(unsafe) static var keptOpen: FileHandle?
  private static let schemas = 600
  private static let used = Mutex(0)

  /// The address of an empty schema.
  static func newSchema() throws -> String {
    let folder = try #require(folder, "no PostgreSQL server could be started")
    let number = used.withLock {
      $0 += 1
      return $0
    }
    try #require(number <= schemas)
    return "postgresql:///postgres?host=\(folder)&user=watchfob&options=-csearch_path%3Dconsole"
      + "\(number)"
  }

  private static func run(_ sql: String, in folder: String) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/psql")
    process.arguments = ["-qX", "-h", folder, "-U", "watchfob", "-d", "postgres", "-c", sql]
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
