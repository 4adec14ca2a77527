import LotCore
import LotMath

/// A function that a script has handed to `ta.define`.
///
/// It keeps the script's state alive, and is called on the thread that runs the strategy.
final class ScriptFunction: SeriesFunction, @unchecked Sendable {
    private let state: LuaState
    private let number: Int32

    /// The function that the state knows by `number`.
    init(_ state: LuaState, number: Int32) {
        self.state = state
        self.number = number
    }

    func makeInstance() -> any SeriesFunctionInstance { Instance(state, number) }

    /// One pass over bars: the function with a state table of its own, made at the first call.
    private final class Instance: SeriesFunctionInstance, @unchecked Sendable {
        private let state: LuaState
        private let number: Int32
        private var instance: Int32?

        init(_ state: LuaState, _ number: Int32) {
            self.state = state
            self.number = number
        }

        func values(
            _ rows: Range<Int>, of bars: Bars, outputs: Int
        ) throws(Diagnosis) -> [[Double]] {
            let own: Int32
            if let instance { own = instance } else { own = try state.makeInstance(of: number) }
            instance = own
            return try state.values(of: own, rows, bars, outputs: outputs)
        }
    }
}
