extension ScriptAnnotations {
    /// Series and sizes.
    static let values = #"""
        ---Numbers, one for each bar: `series[0]` is the newest closed bar's, `series[1]` the one
        ---before, up to `series[4999]`; NaN before the first row.
        ---@class lot.series
        ---@field [integer] number
        ---@operator add(lot.series|number): lot.series
        ---@operator sub(lot.series|number): lot.series
        ---@operator mul(lot.series|number): lot.series
        ---@operator div(lot.series|number): lot.series
        ---@operator unm: lot.series
        local series = {}

        ---Whether it is larger; false with NaN.
        ---@param other lot.series|number
        ---@return lot.condition
        function series:above(other) end

        ---Whether it is smaller; false with NaN.
        ---@param other lot.series|number
        ---@return lot.condition
        function series:below(other) end

        ---Above now, and not above one bar ago.
        ---@param other lot.series|number
        ---@return lot.condition
        function series:crosses_above(other) end

        ---Below now, and not below one bar ago.
        ---@param other lot.series|number
        ---@return lot.condition
        function series:crosses_below(other) end

        ---The value of n bars ago.
        ---@param n integer 0 or more.
        ---@return lot.series
        function series:shift(n) end

        ---The series at the closes of the main bars, where it is one of other bars.
        ---@return lot.series
        function series:align() end

        ---True or false for each bar; combine with `&`, `|` and `~`.
        ---@class lot.condition
        ---@field [integer] boolean
        ---@operator band(lot.condition): lot.condition
        ---@operator bor(lot.condition): lot.condition
        ---@operator bnot: lot.condition
        local condition = {}

        ---Whether it held n bars ago.
        ---@param n integer 0 or more.
        ---@return lot.condition
        function condition:shift(n) end

        ---The condition at the closes of the main bars, where it is one of other bars.
        ---@return lot.condition
        function condition:align() end

        ---How much to buy or sell: lot.equity, lot.quote, lot.base or lot.risk.
        ---@class lot.size

        ---A parameter: lot.int, lot.float, lot.choice or lot.bool.
        ---@class lot.parameter

        ---The values of this run's parameters, by name.
        ---@class lot.parameters: { [string]: any }


        """#

    /// `lot` and the shape of a strategy.
    static let declarations = #"""
        ---What lot.strategy takes.
        ---@class lot.declaration
        ---@field name string 1 to 64 letters, digits, ".", "_" and "-".
        ---@field params? table<string, lot.parameter>
        ---@field where? string A Lua expression over the parameters that must be true.
        ---@field symbols? string[] The symbols of one run over several, where nobody names others.
        ---@field settings? table<string, string|number|boolean|table> Where nobody else sets them.

        ---What rules returns.
        ---@class lot.rules
        ---@field enter_long? lot.condition
        ---@field exit_long? lot.condition
        ---@field enter_short? lot.condition
        ---@field exit_short? lot.condition
        ---@field stop_loss? number A fraction of the entry price.
        ---@field take_profit? number A fraction of the entry price.
        ---@field trailing_stop? number A fraction of the best price since the entry.
        ---@field max_bars? integer Leaves at the open so many bars after the entry bar.
        ---@field size? lot.size All equity by default.
        ---@field plot? table<string, lot.series|lot.condition>

        ---A strategy: it has rules, or on_bar.
        ---@class lot.strategy
        ---@field rules? fun(self: lot.strategy, ctx: lot.context, p: lot.parameters): lot.rules
        ---@field on_init? fun(self: lot.strategy, ctx: lot.context, p: lot.parameters)
        ---@field on_bar? fun(self: lot.strategy, ctx: lot.context, bar: lot.bar): lot.signal?
        ---@field on_fill? fun(self: lot.strategy, ctx: lot.context, fill: lot.fill)
        ---@field on_order? fun(self: lot.strategy, ctx: lot.context, order: lot.order)
        ---@field on_stop? fun(self: lot.strategy, ctx: lot.context)
        ---@field [string] any What on_init keeps.

        ---Declarations: strategy, parameters, sizes.
        ---@class lot
        lot = {}

        ---Makes the file's strategy, once; the file ends with `return` of it.
        ---@param declaration lot.declaration
        ---@return lot.strategy
        function lot.strategy(declaration) end

        ---A whole number; the first value is the default.
        ---@param t { [1]: integer, min?: integer, max?: integer, step?: integer, log?: boolean }
        ---@return lot.parameter
        function lot.int(t) end

        ---A number; the first value is the default.
        ---@param t { [1]: number, min?: number, max?: number, step?: number, log?: boolean }
        ---@return lot.parameter
        function lot.float(t) end

        ---One of several names; the first is the default.
        ---@param t string[]
        ---@return lot.parameter
        function lot.choice(t) end

        ---True or false.
        ---@param t { [1]: boolean }
        ---@return lot.parameter
        function lot.bool(t) end

        ---A fraction of the equity.
        ---@param fraction number Above 0, at most 1.
        ---@return lot.size
        function lot.equity(fraction) end

        ---An amount of quote currency, fees included.
        ---@param amount number
        ---@return lot.size
        function lot.quote(amount) end

        ---A quantity of base currency.
        ---@param quantity number
        ---@return lot.size
        function lot.base(quantity) end

        ---The fraction of the equity that is lost if the stop_loss is hit.
        ---@param fraction number Above 0, at most 1.
        ---@return lot.size
        function lot.risk(fraction) end


        """#

    /// `ctx`, bars, orders and fills.
    static let account = #"""
        ---What ctx:buy and ctx:sell take.
        ---@class lot.order_request
        ---@field size? lot.size All equity by default.
        ---@field type? "market"|"limit"|"stop_market"|"stop_limit"|"take_profit"|"trailing_stop"
        ---@field price? number For limit and stop_limit orders.
        ---@field stop_price? number For stop_market, stop_limit and take_profit orders.
        ---@field tif? "gtc"|"ioc"|"fok"
        ---@field post_only? boolean
        ---@field reduce_only? boolean
        ---@field position_side? "long"|"short" The leg it is for, in hedge mode.
        ---@field stop_loss? number A fraction of the entry price.
        ---@field take_profit? number A fraction of the entry price.
        ---@field trailing_stop? number A fraction of the best price since the entry.
        ---@field max_bars? integer
        ---@field tag? string At most 64 bytes.

        ---What on_bar may return: an order named by its side.
        ---@class lot.signal: lot.order_request
        ---@field side "buy"|"sell"|"exit"

        ---A closed bar.
        ---@class lot.bar
        ---@field open number
        ---@field high number
        ---@field low number
        ---@field close number
        ---@field volume number
        ---@field time integer Its close, in milliseconds since 1970.
        ---@field open_time integer

        ---@alias lot.order_status
        ---| "pending"
        ---| "open"
        ---| "partially_filled"
        ---| "filled"
        ---| "cancelled"
        ---| "rejected"
        ---| "expired"

        ---An order; it changes by later events only.
        ---@class lot.order
        ---@field id integer
        ---@field status lot.order_status
        ---@field side "buy"|"sell"
        ---@field type string
        ---@field tag string
        ---@field origin string
        ---@field quantity number
        ---@field filled number
        ---@field average_price number
        ---@field price number
        ---@field stop_price number
        ---@field trailing_stop number
        ---@field tif "gtc"|"ioc"|"fok"
        ---@field post_only boolean
        ---@field reduce_only boolean
        ---@field position_side? "long"|"short"
        ---@field reason string

        ---An execution.
        ---@class lot.fill
        ---@field order lot.order
        ---@field id integer
        ---@field time integer
        ---@field side "buy"|"sell"
        ---@field price number
        ---@field quantity number
        ---@field fee number
        ---@field slippage number
        ---@field liquidity "maker"|"taker"
        ---@field origin string
        ---@field tag string

        ---The position.
        ---@class lot.position
        ---@field flat boolean
        ---@field long boolean
        ---@field short boolean
        ---@field size number Signed, in base currency.
        ---@field entry_price number 0 while flat.
        ---@field bars integer Bars closed since the entry bar.
        ---@field pnl number Unrealised, before the fees of leaving.
        ---@field long_leg lot.position In hedge mode.
        ---@field short_leg lot.position In hedge mode.

        ---Another symbol or interval: only its closed bars are ever visible.
        ---@class lot.source
        ---@field open lot.series
        ---@field high lot.series
        ---@field low lot.series
        ---@field close lot.series
        ---@field volume lot.series
        ---@field symbol string
        ---@field interval string

        ---What a strategy sees and can do.
        ---@class lot.context
        ---@field open lot.series
        ---@field high lot.series
        ---@field low lot.series
        ---@field close lot.series
        ---@field volume lot.series
        ---@field symbol string
        ---@field interval string
        ---@field position lot.position
        ---@field equity number
        ---@field cash number
        ---@field time integer Close of the newest bar, in milliseconds since 1970.
        ---@field orders lot.order[] Those that work now.
        ---@field state table The only thing that lasts from bar to bar.
        local context = {}

        ---Queues an order to buy; it acts from the next open.
        ---@param t? lot.order_request
        ---@return lot.order
        function context:buy(t) end

        ---Queues an order to sell; it acts from the next open.
        ---@param t? lot.order_request
        ---@return lot.order
        function context:sell(t) end

        ---Closes the position and cancels entry orders.
        ---@param t? { tag?: string }
        ---@return lot.order
        function context:exit(t) end

        ---Cancels an order, or all with a tag.
        ---@param order lot.order|string
        function context:cancel(order) end

        ---Draws a line in the report.
        ---@param name string
        ---@param value number
        function context:plot(name, value) end

        ---Another symbol or interval.
        ---@param t { symbol?: string, interval?: string }
        ---@return lot.source
        function context:series(t) end


        """#
}
