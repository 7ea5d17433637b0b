/// A document that is handed in with a recovery case.
public struct Document: Equatable, Sendable {
  /// What the person's file is called: one line of at most 100 characters, without folders.
  public let name: String
  public let content: [UInt8]

  /// - Parameter name: of any form; control characters and folders are dropped, and the rest is cut.
  public init(name: String, content: [UInt8]) {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
    var kept = ""
    for scalar in last.unicodeScalars.prefix(100)
    where scalar.properties.generalCategory != .control {
      kept.unicodeScalars.append(scalar)
    }
    self.name = kept.isEmpty ? "document" : kept
    self.content = content
  }

  /// What it is by its first bytes, whatever its name says.
  public var mediaType: MediaType? { MediaType(of: content) }

  func checkedMediaType(mostBytes: Int) throws(Refusal) -> MediaType {
    guard content.count <= mostBytes else { throw .documentTooLarge(mostBytes: mostBytes) }
    guard let mediaType else { throw .documentUnusable }
    return mediaType
  }
}

/// The kinds of documents that are taken.
public enum MediaType: String, Sendable {
  case pdf = "application/pdf"
  case png = "image/png"
  case jpeg = "image/jpeg"

  fileprivate init?(of content: [UInt8]) {
    if content.starts(with: Array("%PDF-".utf8)) {
      self = .pdf
    } else if content.starts(with: [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A]) {
      self = .png
    } else if content.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      return nil
    }
  }
}

/// What is known of a document without opening it.
public struct DocumentEntry: Equatable, Sendable {
  public let name: String
  public let mediaType: MediaType
  /// Bytes.
  public let size: Int
}

/// The documents' table, apart from what is read with every case. They are sealed, and go when the
/// case is decided: nobody needs a passport's picture after that. Their names are with the rest of the
/// evidence.
struct Documents {
  let database: Database
  let keys: SealingKeys
  let random: RandomSource

  func put(
    _ document: Document, _ mediaType: MediaType, as item: RecoveryItem, of id: RecoveryCase.ID
  ) throws(Refusal) {
    let sealed = try keys.seal(document.content, at: Self.place(item, id), random: random)
    try database.run(
      """
      INSERT INTO recovery_document (recovery_case, item, media_type, size, sealed)
      VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (recovery_case, item) DO UPDATE SET media_type = excluded.media_type,
        size = excluded.size, sealed = excluded.sealed
      """, id, item, mediaType.rawValue, document.content.count, sealed)
  }

  func get(
    _ item: RecoveryItem, of id: RecoveryCase.ID, named name: String
  ) throws(Refusal) -> Document? {
    let sealed = try database.first(
      "SELECT sealed FROM recovery_document WHERE recovery_case = ? AND item = ?", id, item
    ) { $0.bytes(0) }
    guard let sealed else { return nil }
    return Document(name: name, content: try keys.open(sealed, at: Self.place(item, id)).copy)
  }

  /// Seals each under the file's current key, where it is not.
  func sealAnew() throws(Refusal) {
    let all = try database.rows("SELECT recovery_case, item FROM recovery_document") {
      (RecoveryCase.ID($0.integer(0)), $0.text(1))
    }
    for (id, name) in all {
      guard let item = RecoveryItem(rawValue: name) else { continue }
      try database.immediately { () throws(Refusal) in
        let stored = try database.first(
          "SELECT sealed FROM recovery_document WHERE recovery_case = ? AND item = ?", id, item
        ) { $0.bytes(0) }
        guard let stored, SealingKeys.number(of: stored) != keys.current else { return }
        let place = Self.place(item, id)
        let sealed = try keys.seal(keys.open(stored, at: place).copy, at: place, random: random)
        try database.run(
          "UPDATE recovery_document SET sealed = ? WHERE recovery_case = ? AND item = ?", sealed,
          id,
          item)
      }
    }
  }

  private static func place(_ item: RecoveryItem, _ id: RecoveryCase.ID) -> String {
    "\(item.rawValue) of recovery case \(id.rawValue)"
  }
}
