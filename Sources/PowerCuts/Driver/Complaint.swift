/// What is wrong with what was found; one sentence.
package struct Complaint: Error, CustomStringConvertible, Equatable {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// A power cut after which something was wrong, and how to see it again.
package struct PowerCutFailure: Error, CustomStringConvertible, Equatable {
  package let place: CutPlace
  package let complaint: Complaint

  init(place: CutPlace, complaint: Complaint) {
    self.place = place
    self.complaint = complaint
  }

  package var description: String { "\(complaint); repeat with: make test-power REPEAT=\(place)" }
}
