extension LiveToken {
  /// Carries out a request of the control channel.
  ///
  /// `stop` is for whoever runs the token, and refused here.
  public mutating func perform(
    _ request: ControlRequest
  ) throws(ControlFailure) -> TokenStatus {
    let mode = board.button.mode
    if request == .press && mode != .manual { throw .buttonNotManual(mode) }
    if request == .stop { throw .malformedRequest("nothing runs that could stop") }
    do throws(ImageFailure) {
      switch request {
      case .press: press()
      case .plug: try plug()
      case .unplug: try unplug()
      case .suspend: busChanged()
      case .warp(let length, let celsius):
        advance(by: TrueTicks(length), celsius: celsius)
        try save()
      case .button(let mode): try setButton(mode)
      case .battery(let present): try setBattery(present: present)
      case .snapshot(let file): try snapshot(to: file)
      case .restore(let file): try restore(from: file)
      case .status, .stop: try save()
      }
    } catch {
      throw .image(error)
    }
    return TokenStatus(board, isPlugged: isPlugged)
  }
}

// The same for a token that lies in a file.
extension LiveToken {
  static func perform(
    _ request: ControlRequest, onImage path: String
  ) throws(ControlFailure) -> TokenStatus {
    let result: Result<TokenStatus, ControlFailure>
    do throws(ImageFailure) {
      var token = try LiveToken(image: TokenImage(opening: path), plugged: false)
      do throws(ControlFailure) {
        result = .success(try token.perform(request))
      } catch {
        result = .failure(error)
      }
      try token.close()
    } catch {
      throw .image(error)
    }
    return try result.get()
  }

  /// Makes an image of a snapshot where there is none.
  static func create(
    _ path: String, from snapshot: String
  ) throws(ControlFailure) -> TokenStatus {
    do throws(ImageFailure) {
      let board = try TokenImage(opening: snapshot, forReading: true).readBoard()
      try TokenImage.create(at: path, board: board)
      return TokenStatus(board, isPlugged: false)
    } catch {
      throw .image(error)
    }
  }
}
