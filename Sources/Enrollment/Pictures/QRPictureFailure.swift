extension QRPicture {
  /// Why a picture gave no code, or a text no picture; each says what to do about it.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// The file could not be opened or read; `reason` is the system's.
    case unreadable(file: String, reason: String)
    /// The file has more than 32 MiB.
    case tooLarge(file: String)
    /// The file is neither PNG nor JPEG; `kind` says what it is, where that can be told.
    case notAPicture(file: String, kind: String?)
    /// The picture's data is damaged, or of a kind that its decoder refuses.
    case undecodable(file: String, format: String, reason: String)
    /// The picture has more than 64 megapixels.
    case tooManyPixels(file: String, width: Int, height: Int)
    /// There is no QR code to be seen; `damage` is set where part of the picture was missing.
    case noCode(file: String, damage: String?)
    /// Only some of the codes that one message is spread over are there.
    case partOfCode(file: String)
    /// Not a size in pixels for a module.
    case scale(Int)
    /// More text than the largest QR code takes.
    case tooLong(bytes: Int)
    /// One of the C libraries had no memory to work in.
    case outOfMemory

    public var description: String {
      switch self {
      case .unreadable(let file, let reason):
        "The picture \(shown(file)) cannot be read: \(reason). Check the name and the rights."
      case .tooLarge(let file):
        "The picture \(shown(file)) has more than \(PictureFile.sizeLimit >> 20) MiB. "
          + "Cut out the QR code and save that alone as PNG."
      case .notAPicture(let file, let kind?):
        "\(shown(file)) is \(kind), not a PNG or JPEG picture. "
          + "Take a screenshot of the QR code, or save it as PNG."
      case .notAPicture(let file, nil):
        "\(shown(file)) is not a PNG or JPEG picture, whatever its name says. "
          + "Take a screenshot of the QR code, or save it as PNG."
      case .undecodable(let file, let format, let reason):
        "The \(format) \(shown(file)) cannot be decoded: \(reason). "
          + "Fetch it again, or take a new screenshot as PNG."
      case .tooManyPixels(let file, let width, let height):
        "The picture \(shown(file)) says it has \(width) by \(height) pixels, more than the "
          + "\(DecodedPicture.pixelLimit >> 20) megapixels taken here. "
          + "Cut out the QR code and save that alone."
      case .noCode(let file, nil):
        "There is no QR code to be found in \(shown(file)). "
          + "Take a picture that shows the whole code, sharp and with its light margin."
      case .noCode(let file, let damage?):
        "There is no QR code to be found in \(shown(file)), and part of it is damaged or "
          + "missing (\(damage)). Fetch it again, or take a new screenshot as PNG."
      case .partOfCode(let file):
        "The message in \(shown(file)) goes on in another QR code that is not in this picture. "
          + "Take one picture that shows all of its codes."
      case .scale(let scale):
        "A module of \(scale) pixels is not possible; choose \(scaleRange.lowerBound) to "
          + "\(scaleRange.upperBound)."
      case .tooLong(let bytes):
        "A text of \(bytes) bytes does not fit in a QR code, which takes at most "
          + "\(QRSymbol.capacity). Shorten the names in it."
      case .outOfMemory:
        "There is not enough memory to work on a picture. Close other programs and try again."
      }
    }

    /// A file's name between quotes, without what could act on a terminal.
    private func shown(_ file: String) -> String {
      let safe = file.unicodeScalars.map { scalar in
        NameCharacters.isUnsafe(scalar) ? "?" : String(scalar)
      }
      return "'\(safe.joined())'"
    }
  }
}
