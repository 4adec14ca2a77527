import LotCore

/// A wrong flag or argument: exit code 64.
func usage(_ flag: String, _ reason: String, hint: String? = nil) -> Diagnosis {
    Diagnosis(.usage, kind: "usage", subject: flag, reason: reason, hint: hint)
}
